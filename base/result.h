// How functions report failures.
//
// qmail encodes one distinction, "try again" or "give up", in seven ways. In reqmail it is one
// type, Permanence, and mail/verdict_codec.h has all the encodings.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace reqmail {

// Whether another try may succeed. There is no third value.
enum class Permanence { temporary, permanent };

// Why something failed. `text` is exactly what a bounce, a log line or a peer shows, with an
// enhanced status code but without a final newline. `error` is the errno of the cause; 0 if
// there is none.
struct Failure {
  Permanence permanence = Permanence::temporary;
  std::string text;
  int error = 0;
};

inline Failure temporary(std::string text, int error = 0) {
  return Failure{Permanence::temporary, std::move(text), error};
}

inline Failure permanent(std::string text, int error = 0) {
  return Failure{Permanence::permanent, std::move(text), error};
}

// A value, or the Failure because of which there is none. The members have the names of
// std::expected.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<0>, std::move(value)) {}

  Result(Failure failure)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<1>, std::move(failure)) {}

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }

  explicit operator bool() const { return has_value(); }

  T& operator*() & { return *std::get_if<0>(&state_); }

  const T& operator*() const& { return *std::get_if<0>(&state_); }

  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }

  T* operator->() { return std::get_if<0>(&state_); }

  const T* operator->() const { return std::get_if<0>(&state_); }

  [[nodiscard]] const Failure& error() const { return *std::get_if<1>(&state_); }

  [[nodiscard]] Failure& error() { return *std::get_if<1>(&state_); }

  T value_or(T other) && { return has_value() ? std::move(**this) : std::move(other); }

 private:
  std::variant<T, Failure> state_;
};

// Success without a value, or a Failure.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;

  Result(Failure failure)  // NOLINT(google-explicit-constructor)
      : failure_(std::move(failure)), failed_(true) {}

  [[nodiscard]] bool has_value() const { return !failed_; }

  explicit operator bool() const { return has_value(); }

  [[nodiscard]] const Failure& error() const { return failure_; }

 private:
  Failure failure_;
  bool failed_ = false;
};

}  // namespace reqmail
