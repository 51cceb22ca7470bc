// Whether the file of a program is still the one whose work this process can do itself.
#pragma once

#include <optional>
#include <string>

#include "sys/file_version.h"

namespace reqmail::spawn {

class OwnProgram {
 public:
  // `mark`: what the file contains if it is ours (spawn/program_mark.h); without
  // one no file is.
  OwnProgram(std::string path, std::string mark)
      : path_(std::move(path)), mark_(std::move(mark)) {}

  // Whether the program at the path is ours, anybody may execute it, and executing it changes
  // no identity. The file is looked at each time, and read when it is another one than before.
  bool is_there();

 private:
  std::string path_;
  std::string mark_;
  std::optional<sys::FileVersion> seen_;
  bool ours_ = false;
};

}  // namespace reqmail::spawn
