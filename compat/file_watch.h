// Notices that a file is not what it was.
#pragma once

#include <string>

namespace reqmail::compat {

// Returns a new descriptor for watch_file(), close-on-exec and non-blocking; -1 if the system
// has no such watch.
int make_watch();

// From now on the descriptor can be read as soon as the file at `path`, which is absolute, is
// changed, replaced, moved or removed, or a symbolic link on the way to it is; and if there is
// no file, once any file is made in its directory. What happens to the directories of the path
// goes unnoticed. Returns false if this cannot be watched, as in a directory that is missing.
bool watch_file(int watch, std::string path);

}  // namespace reqmail::compat
