// Tests whether a host without a queue works after a change.
#pragma once

#include <string>

#include "base/result.h"

namespace reqmail::upgrade {

// Checks that qmail-inject prints a message, without queueing it, and that qmail-queue is still
// qmail-qmqpc.
Result<void> prove_mini_host(const std::string& home);

}  // namespace reqmail::upgrade
