// Extended regular expressions of POSIX (regex(7)). No other code uses <regex.h>.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace reqmail::sys {

class Regex {
 public:
  // Compiles an expression in which case is ignored. The text of a Failure is that of
  // regerror(3).
  static Result<Regex> compile(const std::string& expression);

  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;
  ~Regex();

  // Returns whether any part of the text matches.
  [[nodiscard]] bool matches(const std::string& text) const;

 private:
  struct State;
  explicit Regex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace reqmail::sys
