// The one-line summary of a message that qbiff and maildirwatch show. This code does no input
// or output.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reqmail::local {

// Collects the subjects and the beginning of the body; unprintable bytes become '/'.
class SummaryText {
 public:
  explicit SummaryText(std::size_t limit) : limit_(limit) {}

  // Adds a field if it is a Subject.
  void add_field(std::string_view field);

  // Adds a part of the body. Returns false if the limit is reached.
  bool add_body(std::string_view piece);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::size_t limit_;
  std::string text_;
};

// Returns a field's value without the blanks at its beginning, but with its final LF.
std::string_view value_of(std::string_view field);

}  // namespace reqmail::local
