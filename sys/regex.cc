#include "sys/regex.h"

#include <regex.h>

#include <array>
#include <utility>

namespace reqmail::sys {

struct Regex::State {
  ::regex_t compiled = {};
  bool valid = false;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  State(State&&) = delete;
  State& operator=(State&&) = delete;

  ~State() {
    if (valid) {
      ::regfree(&compiled);
    }
  }
};

Regex::Regex(std::unique_ptr<State> state) : state_(std::move(state)) {}

Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(const std::string& expression) {
  constexpr std::size_t kMessageMax = 200;
  auto state = std::make_unique<State>();
  const int error =
      ::regcomp(&state->compiled, expression.c_str(), REG_EXTENDED | REG_ICASE | REG_NOSUB);
  if (error != 0) {
    std::array<char, kMessageMax> words = {};
    (void)::regerror(error, &state->compiled, words.data(), words.size());
    return permanent(words.data());
  }
  state->valid = true;
  return Regex(std::move(state));
}

bool Regex::matches(const std::string& text) const {
  return ::regexec(&state_->compiled, text.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace reqmail::sys
