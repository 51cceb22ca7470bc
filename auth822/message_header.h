// The header of a message with every byte that it has, as signatures need it. Lines end in LF
// here; on the wire, and in what is signed, in CR LF.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::auth822 {

struct RawField {
  std::string name;  // in lower case; empty: a line that is no field
  std::string raw;   // name, colon, value, line ends

  // What follows the colon, line ends included.
  [[nodiscard]] std::string_view value() const;
};

class MessageHeader {
 public:
  MessageHeader() = default;

  // The lines of a header, without the empty line after it.
  explicit MessageHeader(std::string_view text);

  [[nodiscard]] const std::vector<RawField>& fields() const { return fields_; }

  // The fields of this name (in lower case), from the top.
  [[nodiscard]] std::vector<const RawField*> named(std::string_view name) const;

 private:
  std::vector<RawField> fields_;
};

// Cuts a message that comes in pieces into header and body.
class HeaderCutter {
 public:
  // More is no header.
  static constexpr std::size_t kHeaderMax = std::size_t{1} << 20;

  // Takes a piece, and returns the part of it that belongs to the body.
  std::string_view take(std::string_view piece);

  // The header so far, without the empty line.
  [[nodiscard]] const std::string& header() const { return header_; }

  // The header so far; of one that is too long, the lines before the one in which it became
  // that. Readers see these as the header (smtpd/held_message.h).
  [[nodiscard]] std::string_view lines() const;

  [[nodiscard]] bool in_body() const { return in_body_; }

  // The header is longer than kHeaderMax; what follows is taken for the body.
  [[nodiscard]] bool too_long() const { return too_long_; }

 private:
  // The size of the part of the piece that ends with the empty line; npos without one.
  [[nodiscard]] std::size_t end_in(std::string_view piece) const;

  std::string header_;
  bool in_body_ = false;
  bool too_long_ = false;
};

}  // namespace reqmail::auth822
