// The caller's side of a queue program's pipes: what goes to it, and what it says meanwhile.
#pragma once

#include <string>
#include <string_view>

#include "base/program_end.h"
#include "base/result.h"
#include "sys/child.h"
#include "sys/fd.h"

namespace reqmail::submit {

// Reads the program's words (its descriptors 4 and 6) whenever it would wait for the program:
// one that says more than a pipe holds must not wait for a caller that waits for it.
class ProgramTalk {
 public:
  ProgramTalk() = default;
  // The end to read of the pipe.
  explicit ProgramTalk(sys::Fd words);

  // Writes all of it to a descriptor that does not block.
  Result<void> write(int fd, std::string_view bytes);

  // Waits until the program has ended. A child of its own may still hold the pipe then, and is
  // not waited for.
  Result<base::ProgramEnd> wait_for(sys::Child& program);

  // What it has said, cut to what can be of use.
  [[nodiscard]] const std::string& words() const { return words_; }

 private:
  void take_words();

  sys::Fd pipe_;  // closed at its end
  std::string words_;
};

}  // namespace reqmail::submit
