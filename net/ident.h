// The user of a connection according to the other side (RFC 1413), which is not reliable.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "net/socket_address.h"

namespace reqmail::net {

inline constexpr std::uint16_t kIdentPort = 113;
// The longest name that is kept, in bytes; an answer is read up to this length.
inline constexpr std::size_t kIdentNameMax = 998;
inline constexpr std::size_t kIdentAnswerMax = 4096;

// Returns the name in an answer without its line end: the text after the third colon up to a
// NUL, without blanks, tabs and CRs. It is empty if there are fewer colons, as in an ERROR
// answer.
std::string parse_ident(std::string_view line);

// Asks the host of `remote` about the connection between `local` and `remote`. Connecting,
// asking and waiting take at most `timeout` together. Returns nullopt if no line came.
std::optional<std::string> ask_ident(const Endpoint& local, const Endpoint& remote,
                                     base::Seconds timeout);

}  // namespace reqmail::net
