// Programs that an environment variable may replace (QMAILLOCAL, QMAILREMOTE).
#pragma once

#include <string>

namespace reqmail::run {

// The program that `variable` names, as an absolute path or one relative to `home`; `fallback`
// where it is unset or empty.
std::string hook_program(const char* variable, const std::string& home,
                         const std::string& fallback);

}  // namespace reqmail::run
