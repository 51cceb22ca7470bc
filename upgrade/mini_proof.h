// The proof that a host without a queue works after a change.
#pragma once

#include <string>

#include "base/result.h"

namespace reqmail::upgrade {

// Whether qmail-inject writes a message, without queueing it, and qmail-queue is still
// qmail-qmqpc.
Result<void> prove_mini_host(const std::string& home);

}  // namespace reqmail::upgrade
