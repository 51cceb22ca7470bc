// How functions of reqmail say that something failed.
//
// qmail encodes one distinction, "try again" against "give up", in seven ways. Inside reqmail
// it is one type, Permanence, and mail/verdict_codec.h holds all the encodings.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace reqmail {

// Whether another try may succeed. There is no third value.
enum class Permanence { temporary, permanent };

// Why something failed. `text` is exactly what a bounce, a log line or a peer shows, enhanced
// status code included, without a final newline. `error` is the errno behind it, 0 where there
// is none.
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

// A value or the Failure that kept it from being made. The member names are std::expected's.
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
