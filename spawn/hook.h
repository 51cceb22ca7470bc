// Programs that an environment variable can replace (QMAILLOCAL, QMAILREMOTE).
#pragma once

#include <string>

namespace reqmail::spawn {

// Returns the program in `variable`, which is an absolute path or one relative to `home`;
// returns `fallback` if the variable is unset or empty.
std::string hook_program(const char* variable, const std::string& home,
                         const std::string& fallback);

// Returns whether the file `path` exists and nobody has execute permission, as if an
// administrator has disabled it. This is permanent, whereas a missing file may come back, and
// one that cannot be executed for another reason may be half written.
bool is_barred(const std::string& path);

}  // namespace reqmail::spawn
