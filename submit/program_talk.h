// The caller's side of the pipes of a queue program: writes to the program, and reads its
// output meanwhile.
#pragma once

#include <string>
#include <string_view>

#include "base/program_end.h"
#include "base/result.h"
#include "sys/child.h"
#include "sys/fd.h"

namespace reqmail::submit {

// Reads the program's output (its descriptors 4 and 6) whenever it would wait for the program.
// Otherwise a program that writes more than a pipe holds and its caller would wait for each
// other.
class ProgramTalk {
 public:
  ProgramTalk() = default;
  // `words` is the end of the pipe for reading.
  explicit ProgramTalk(sys::Fd words);

  // Writes all bytes to a non-blocking descriptor.
  Result<void> write(int fd, std::string_view bytes);

  // Waits until the program has ended. A child of the program may still have the pipe open
  // then; this does not wait for it.
  Result<base::ProgramEnd> wait_for(sys::Child& program);

  // Returns the output, cut to the length that can be used.
  [[nodiscard]] const std::string& words() const { return words_; }

 private:
  void take_words();

  sys::Fd pipe_;  // closed at end of file
  std::string words_;
};

}  // namespace reqmail::submit
