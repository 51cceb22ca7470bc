#include "spawn/own_program.h"

#include <sys/stat.h>

#include <cstddef>

#include "sys/file.h"

namespace reqmail::spawn {

namespace {

// The largest program file that is read, in bytes.
constexpr std::size_t kProgramMax = std::size_t{64} << 20;

}  // namespace

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
    const auto text = sys::read_regular_file(path_, kProgramMax);
    ours_ = text && text->find(mark_) != std::string::npos;
    seen_ = version;
  }
  return ours_;
}

}  // namespace reqmail::spawn
