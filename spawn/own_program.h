// Finds out whether a program file is the one whose work this process can do itself.
#pragma once

#include <optional>
#include <string>

#include "sys/file_version.h"

namespace reqmail::spawn {

class OwnProgram {
 public:
  // `mark` is a text that only the file of our own program contains (spawn/program_mark.h); if
  // it is empty, no file is ours.
  OwnProgram(std::string path, std::string mark)
      : path_(std::move(path)), mark_(std::move(mark)) {}

  // Returns whether the file is our program, can be executed by everybody, and is neither
  // setuid nor setgid. Its status is examined each time; it is read again if it has changed.
  bool is_there();

 private:
  std::string path_;
  std::string mark_;
  std::optional<sys::FileVersion> seen_;
  bool ours_ = false;
};

}  // namespace reqmail::spawn
