// The frames of QMTP and QMQP, in which a client sends messages as netstrings. Takes bytes in
// pieces of any size and gives out events; reads and writes nothing.
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
// its last digit is at most 200,000,000.
inline constexpr std::uint64_t kFrameMax = 2'000'000'009;
// An address of so many bytes, or with a control character, is unfit for the queue.
inline constexpr std::size_t kFrameAddressMax = 1000;

struct FrameEvent {
  enum class Kind {
    // All input was taken; more must come.
    more,
    message_start,
    // Bytes of the message as it is stored; may be empty.
    message_bytes,
    // The whole address. `unfit` is set if it cannot be one; an address that is too long has no
    // `bytes`.
    sender,
    recipient,
    // The package, or the one message, is complete.
    package_end,
    // No more can be understood.
    malformed,
    too_large,
  };
  Kind kind = Kind::more;
  // Valid until the next call, and no longer than the input.
  std::string_view bytes;
  bool unfit = false;
};

class MailFrameParser {
 public:
  enum class Protocol { qmtp, qmqp };

  explicit MailFrameParser(Protocol protocol);

  // The next event in `input`, from whose front what it took is removed.
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
  // Bytes of the field that are still to come.
  std::uint64_t body_left_ = 0;
  bool in_container_ = false;
  std::uint64_t container_left_ = 0;
  // Of the message in CR LF form: a CR whose next byte is not yet known.
  bool crlf_lines_ = false;
  bool held_cr_ = false;
  std::string decoded_;
  std::string address_;
  bool unfit_ = false;
  bool too_long_ = false;
};

}  // namespace reqmail::proto
