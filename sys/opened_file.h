// A file with its status at the time of opening.
#pragma once

#include <sys/stat.h>

#include <string>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::sys {

struct OpenedFile {
  Fd fd;
  struct ::stat status = {};
};

// Does the same as open_regular_read() (sys/file.h), for callers that need the status too.
Result<OpenedFile> open_regular_with_status(const std::string& path);

// Returns the status of an open file; Failure.error is ENXIO if reading, writing or syncing
// could block. If `to_read` is true, a directory and the null device are allowed.
Result<struct ::stat> regular_status(int fd, bool to_read);

}  // namespace reqmail::sys
