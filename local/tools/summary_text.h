// A message in one line, as qbiff and maildirwatch show it. No I/O.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reqmail::local {

// The subjects and the beginning of the body, every byte that is not printable as '/'.
class SummaryText {
 public:
  explicit SummaryText(std::size_t limit) : limit_(limit) {}

  // A field counts if it is a Subject.
  void add_field(std::string_view field);

  // Part of the body. False: the limit is reached.
  bool add_body(std::string_view piece);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::size_t limit_;
  std::string text_;
};

// A field's value without the blanks at its beginning; its final LF stays.
std::string_view value_of(std::string_view field);

}  // namespace reqmail::local
