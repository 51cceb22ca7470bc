// The frames of QMTP and QMQP, in which a client sends messages as netstrings. The parser takes
// bytes in pieces of any size and returns events; it does no input or output.
//
//   QMTP: any number of packages, each a message, a sender, and a netstring of recipients. The
//         message begins with a byte that tells its line ends: LF, or CR for CR LF.
//   QMQP: one netstring that holds a message, a sender and recipients.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/netstring.h"

namespace reqmail::proto {

// Longer messages and lists of recipients are refused before they are read: a length without
// its last digit must not exceed 200,000,000.
inline constexpr std::uint64_t kFrameMax = 2'000'000'009;
// An address of at least this many bytes, or with a control character, is unfit for the queue.
inline constexpr std::size_t kFrameAddressMax = 1000;

struct FrameEvent {
  enum class Kind {
    // All input was taken; the next event needs more.
    more,
    message_start,
    // Bytes of the message in stored form; there may be none.
    message_bytes,
    // A whole address. `unfit` is set if the queue must not get it; an address that is too long
    // has no `bytes`.
    sender,
    recipient,
    // The package of QMTP, or the one message of QMQP, is complete.
    package_end,
    // The input is not a frame; nothing after it can be understood.
    malformed,
    too_large,
  };
  Kind kind = Kind::more;
  // Valid until the next call, and only as long as the input.
  std::string_view bytes;
  bool unfit = false;
};

class MailFrameParser {
 public:
  enum class Protocol { qmtp, qmqp };

  explicit MailFrameParser(Protocol protocol);

  // Returns the next event in `input` and removes the bytes that it took from its front.
  FrameEvent next(std::string_view& input);

 private:
  enum class State {
    container_length,
    field_length,
    line_format,
    body,
    body_end,
    comma,
    container_comma
  };
  enum class Field { message, sender, recipient };

  void start_package();
  void start_length(State state);
  FrameEvent after_comma();
  FrameEvent after_length();
  FrameEvent take_length(std::string_view& input);
  FrameEvent take_body(std::string_view& input);
  FrameEvent take_message(std::string_view bytes);
  FrameEvent take_address(std::string_view bytes);
  FrameEvent take_line_format(std::string_view& input);
  FrameEvent take_comma(std::string_view& input);
  FrameEvent end_body();
  bool take_byte(std::string_view& input, char& byte);
  FrameEvent next_in_container();

  Protocol protocol_;
  State state_ = State::container_length;
  Field field_ = Field::message;
  base::NetstringLength length_;
  // The number of bytes of the current field that are still to come.
  std::uint64_t body_left_ = 0;
  bool in_container_ = false;
  std::uint64_t container_left_ = 0;
  // These two concern a message whose lines end in CR LF: `held_cr_` is a CR whose next byte
  // has not come yet.
  bool crlf_lines_ = false;
  bool held_cr_ = false;
  std::string decoded_;
  std::string address_;
  bool unfit_ = false;
  bool too_long_ = false;
};

}  // namespace reqmail::proto
