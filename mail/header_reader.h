// Divides a message that comes in pieces into its header fields and its body.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace reqmail::mail {

// What separates the last field from the body.
enum class HeaderEnd {
  blank_line,  // a blank line, which is not part of the body
  missing,     // the body follows without a blank line
  none,        // the message ends with its header
};

class HeaderReader {
 public:
  // Gets each field with its folded lines and its final LF, which is added if the message ends
  // without one. The line "From ..." of an mbox counts as a field. If it returns a Failure,
  // reading stops with that.
  using FieldHandler = std::function<Result<void>(std::string_view field)>;

  explicit HeaderReader(FieldHandler handler) : handler_(std::move(handler)) {}

  // Takes the next bytes of the message. Returns how many of them belong to the header: all,
  // unless it has ended.
  Result<std::size_t> add(std::string_view bytes);

  // Called when the message has ended.
  Result<void> finish();

  // Returns whether the end of the header has been found.
  [[nodiscard]] bool ended() const { return ended_; }

  // Valid once the header has ended.
  [[nodiscard]] HeaderEnd end() const { return end_; }

  // Returns the beginning of the body: bytes that add() has taken but that do not belong to the
  // header. Valid once the header has ended.
  [[nodiscard]] std::string_view body_begin() const { return line_; }

 private:
  Result<void> part_of_line();
  Result<void> whole_line();
  Result<void> field_ends();
  Result<void> header_ends(HeaderEnd end);

  FieldHandler handler_;
  std::string field_;  // complete lines of a field that the next line may continue
  std::string line_;   // the beginning of the current line
  std::size_t next_look_ = 0;
  bool ended_ = false;
  HeaderEnd end_ = HeaderEnd::none;
};

}  // namespace reqmail::mail
