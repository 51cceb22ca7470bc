// Whom the other side of a connection says it belongs to (RFC 1413). Advice at best.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "net/socket_address.h"

namespace reqmail::net {

inline constexpr std::uint16_t kIdentPort = 113;
// The most of a name that is kept, and the most of an answer that is read.
inline constexpr std::size_t kIdentNameMax = 998;
inline constexpr std::size_t kIdentAnswerMax = 4096;

// The name in an answer without its line end: what follows the third colon up to a NUL, blanks,
// tabs and CRs left out wherever they are; empty where there are fewer colons, as in an ERROR
// answer.
std::string parse_ident(std::string_view line);

// Asks the host of `remote` about the connection between `local` here and `remote` there;
// connecting, asking and waiting take at most `timeout` together. Nothing where no line came.
std::optional<std::string> ask_ident(const Endpoint& local, const Endpoint& remote,
                                     base::Seconds timeout);

}  // namespace reqmail::net
