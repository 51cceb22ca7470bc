// Bytes from outside as a terminal, a log or another peer may get them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reqmail::base {

// Bytes outside 32..126 as `substitute`, so that no escape sequence is left.
std::string terminal_safe(std::string_view text, char substitute);

// What replies and log lines show of a peer's text at most.
inline constexpr std::size_t kPeerTextMax = 500;

// A peer's text in such a line: cut to kPeerTextMax, bytes outside 32..126 as '?'.
std::string peer_text(std::string_view text);

}  // namespace reqmail::base
