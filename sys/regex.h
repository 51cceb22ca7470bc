// Extended regular expressions of POSIX (regex(7)). The only door to <regex.h>.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace reqmail::sys {

class Regex {
 public:
  // An expression in which case is ignored. A Failure has the words of regerror(3) about what
  // is wrong with it.
  static Result<Regex> compile(const std::string& expression);

  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;
  ~Regex();

  // Whether any part of the text matches.
  [[nodiscard]] bool matches(const std::string& text) const;

 private:
  struct State;
  explicit Regex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace reqmail::sys
