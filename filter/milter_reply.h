// What a milter answers to an event.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reqmail::filter {

struct MilterReply {
  enum class Kind {
    go_on,
    accept,    // it does not want to hear more of this message, or of this session
    reject,    // 550
    tempfail,  // 451
    discard,   // the client is told that the message was accepted, and it disappears
    text,      // refused with `code` and `text`
  };

  Kind kind = Kind::go_on;
  unsigned code = 0;      // 4xx or 5xx
  std::string text = {};  // lines separated by LF, without the code
};

// Returns the reply that a milter gives as a text (SMFIR_REPLYCODE): lines that end with LF or
// CR LF, each with the same code, as in "550-5.7.1 one\r\n550 5.7.1 two". nullopt if it is
// none.
std::optional<MilterReply> parse_milter_reply(std::string_view text);

}  // namespace reqmail::filter
