// Finds out whether a program file is the one whose work this process can do itself.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "sys/file_version.h"

namespace reqmail::sys {

class OwnProgram {
 public:
  // `mark` is a text that only the file of our own program contains (sys/program_mark.h); if it
  // is empty, no file is ours. With `setuid_owner` the file must belong to this account and be
  // setuid, else it must be neither setuid nor setgid.
  OwnProgram(std::string path, std::string mark,
             std::optional<uid_t> setuid_owner = std::nullopt)
      : path_(std::move(path)), mark_(std::move(mark)), setuid_owner_(setuid_owner) {}

  // The file of this version is our program: somebody has read it who may. Any other is read.
  void believe(const FileVersion& version);

  // Returns whether the file is our program, can be executed by everybody, and is setuid or not
  // as said. Its status is examined each time; it is read again if it has changed.
  bool is_there();

  // Returns the version of the file that is_there() has found.
  [[nodiscard]] const std::optional<FileVersion>& version() const { return seen_; }

 private:
  [[nodiscard]] bool has_mode_of_ours(const struct ::stat& status) const;

  std::string path_;
  std::string mark_;
  std::optional<uid_t> setuid_owner_;
  std::optional<FileVersion> seen_;
  bool ours_ = false;
};

}  // namespace reqmail::sys
