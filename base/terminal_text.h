// Makes untrusted bytes safe for a terminal, a log or another peer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reqmail::base {

// Replaces bytes outside 32..126 by `substitute`, so that no escape sequence remains.
std::string terminal_safe(std::string_view text, char substitute);

// The longest text of a peer in a reply or a log line, in bytes.
inline constexpr std::size_t kPeerTextMax = 500;

// Returns a peer's text for such a line: cut to kPeerTextMax, with bytes outside 32..126
// replaced by '?'.
std::string peer_text(std::string_view text);

}  // namespace reqmail::base
