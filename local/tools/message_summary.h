// The summary of a message that maildirwatch(1) shows.
#pragma once

#include <string>

#include "base/result.h"

namespace reqmail::local {

// Returns sender and recipient, the From field (if there is one) in bold, subject and beginning
// of the body, and an empty line. The text is empty if the file no longer exists; it is a
// Failure if the file cannot be read.
Result<std::string> message_summary(const std::string& path);

}  // namespace reqmail::local
