// One message as maildirwatch(1) shows it.
#pragma once

#include <string>

#include "base/result.h"

namespace reqmail::local {

// Sender and recipient, the From field in bold where there is one, subject and beginning of the
// body, an empty line. A file that is gone gives nothing; one that cannot be read is a Failure.
Result<std::string> message_summary(const std::string& path);

}  // namespace reqmail::local
