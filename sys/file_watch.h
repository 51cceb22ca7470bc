// How a process that cannot look at files any more learns that one has changed.
#pragma once

#include <string>

#include "sys/fd.h"

namespace reqmail::sys {

// Returns a descriptor that can be read as soon as the file at `path`, to which symbolic links
// may lead, is changed, replaced, moved, removed or made (compat/file_watch.h). It is not valid
// if the directory is missing or the system has no such watch.
Fd watch_file(const std::string& path);

}  // namespace reqmail::sys
