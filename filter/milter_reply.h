// What a milter answers to an event.
#pragma once

#include <string>

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

}  // namespace reqmail::filter
