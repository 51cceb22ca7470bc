// Programs that an environment variable may replace (QMAILLOCAL, QMAILREMOTE).
#pragma once

#include <string>

namespace reqmail::spawn {

// The program that `variable` names, as an absolute path or one relative to `home`; `fallback`
// where it is unset or empty.
std::string hook_program(const char* variable, const std::string& home,
                         const std::string& fallback);

// Whether the file `path` is there and nobody may execute it: somebody wants it so. A file that
// is missing may come back, and one that nobody can start for another reason may be half
// written.
bool is_barred(const std::string& path);

}  // namespace reqmail::spawn
