// The tests after a change that show that qmail works.
#pragma once

#include <string>

#include "base/result.h"
#include "upgrade/progress.h"
#include "upgrade/record.h"

namespace reqmail::upgrade {

// How an end was reached.
enum class Ending {
  proved,    // a test message was delivered
  unproved,  // all is in place, but no test message was delivered, or some listener has no TLS
};

// Has a test message delivered, where qmail-send runs for this home and a name is local; on a
// host without a queue, has qmail-inject write a message. A Failure: it did not arrive.
Result<Ending> prove(const std::string& home, const Record& record, Progress& say);

// Begins a handshake as each account that listens. Returns false if one of them has no TLS.
bool prove_listeners(const std::string& home, Progress& say);

}  // namespace reqmail::upgrade
