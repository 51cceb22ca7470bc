// How a program ended, as whoever waited for it learns it. What that means is said by the kind
// of program: mail/verdict_codec.h.
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
