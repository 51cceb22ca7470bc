#include "sys/own_program.h"

#include <sys/stat.h>

#include "sys/file.h"
#include "sys/file_search.h"

namespace reqmail::sys {

bool OwnProgram::has_mode_of_ours(const struct ::stat& found) const {
  if (!S_ISREG(found.st_mode) || (found.st_mode & S_IXOTH) == 0) {
    return false;
  }
  const mode_t set = found.st_mode & (S_ISUID | S_ISGID);
  return setuid_owner_ ? set == S_ISUID && found.st_uid == *setuid_owner_ : set == 0;
}

void OwnProgram::believe(const FileVersion& version) {
  seen_ = version;
  ours_ = true;
}

bool OwnProgram::is_there() {
  if (mark_.empty()) {
    return false;
  }
  const auto found = status(path_);
  if (!found || !has_mode_of_ours(*found)) {
    return false;
  }
  const FileVersion version = version_of(*found);
  if (seen_ != version) {
    // The NUL at the end of the mark is compared too, so that version 1.0 does not match 1.0.1.
    const auto marked = regular_file_contains(path_, mark_);
    if (!marked) {
      return false;
    }
    ours_ = *marked;
    seen_ = version;
  }
  return ours_;
}

}  // namespace reqmail::sys
