// How a program ended, as its parent sees it. mail/verdict_codec.h has the meaning for each
// kind of program.
#pragma once

namespace reqmail::base {

struct ProgramEnd {
  // A signal killed it.
  bool crashed = false;
  // The exit code, or the signal's number.
  int code = 0;

  [[nodiscard]] bool success() const { return !crashed && code == 0; }
};

}  // namespace reqmail::base
