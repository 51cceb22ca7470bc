#include "spawn/own_program.h"

#include <sys/stat.h>

#include "sys/file.h"
#include "sys/file_search.h"

namespace reqmail::spawn {

bool OwnProgram::is_there() {
  if (mark_.empty()) {
    return false;
  }
  const auto status = sys::status(path_);
  if (!status || !S_ISREG(status->st_mode) || (status->st_mode & S_IXOTH) == 0 ||
      (status->st_mode & (S_ISUID | S_ISGID)) != 0) {
    return false;
  }
  const sys::FileVersion version = sys::version_of(*status);
  if (seen_ != version) {
    // The NUL at the end of the mark is compared too, so that version 1.0 does not match 1.0.1.
    const auto marked = sys::regular_file_contains(path_, mark_);
    ours_ = marked && *marked;
    seen_ = version;
  }
  return ours_;
}

}  // namespace reqmail::spawn
