// Cuts a message that comes in pieces into its header fields and its body.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace reqmail::mail {

// What stands between the last field and the body.
enum class HeaderEnd {
  blank_line,  // read, and not part of the body
  missing,     // the body follows without a blank line
  none,        // the message ended with its header
};

class HeaderReader {
 public:
  // Gets each field whole: folded lines, final LF included (added where the message ends
  // without one). A line "From ..." of an mbox is given as a field, too. A Failure ends it all.
  using FieldHandler = std::function<Result<void>(std::string_view field)>;

  explicit HeaderReader(FieldHandler handler) : handler_(std::move(handler)) {}

  // Takes the next bytes of the message; returns how many of them belong to the header, all
  // as long as it has not ended.
  Result<std::size_t> add(std::string_view bytes);

  // The message ended.
  Result<void> finish();

  // Whether the end of the header has been seen.
  [[nodiscard]] bool ended() const { return ended_; }

  // Valid once the header has ended.
  [[nodiscard]] HeaderEnd end() const { return end_; }

  // Bytes taken by add() that belong to the body: its beginning, valid once the header has
  // ended.
  [[nodiscard]] std::string_view body_begin() const { return line_; }

 private:
  Result<void> part_of_line();
  Result<void> whole_line();
  Result<void> field_ends();
  Result<void> header_ends(HeaderEnd end);

  FieldHandler handler_;
  std::string field_;  // complete lines of a field that may go on
  std::string line_;   // the beginning of a line
  std::size_t next_look_ = 0;
  bool ended_ = false;
  HeaderEnd end_ = HeaderEnd::none;
};

}  // namespace reqmail::mail
