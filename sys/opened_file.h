// A file with its status at the moment when it was opened.
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

// As open_regular_read (sys/file.h), for callers that need the status too.
Result<OpenedFile> open_regular_with_status(const std::string& path);

// The status of an open file, unless reading, writing or syncing could hang on it: ENXIO then.
// A directory and the null device are allowed `to_read`.
Result<struct ::stat> regular_status(int fd, bool to_read);

}  // namespace reqmail::sys
