// The tests after a change, which show that qmail works.
#pragma once

#include <string>

#include "base/result.h"
#include "upgrade/progress.h"
#include "upgrade/record.h"

namespace reqmail::upgrade {

// The result of a complete change.
enum class Ending {
  proved,    // a test message was delivered
  unproved,  // everything is installed, but no test message was delivered, or a listener has no
             // TLS
};

// Sends a test message to a local name if qmail-send runs for this home; on a host without a
// queue, has qmail-inject print a message. It is a Failure if the message did not arrive.
Result<Ending> prove(const std::string& home, const Record& record, Progress& say);

// Begins a handshake as each account that runs a listener. Returns false if one of them has no
// TLS.
bool prove_listeners(const std::string& home, Progress& say);

}  // namespace reqmail::upgrade
