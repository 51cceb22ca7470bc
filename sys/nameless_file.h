// Temporary files for data that does not fit into memory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::sys {

// Returns the directories in which temporary files are made: TMPDIR if it is an absolute path,
// then /var/tmp, then /tmp.
std::vector<std::string> temporary_directories();

// Returns a new file, open for reading and writing, that only this process can use, and whose
// name is removed before it has any byte. `program` begins the name. Failure.error is the errno
// of the last directory.
Result<Fd> make_nameless_file(std::string_view program);

}  // namespace reqmail::sys
