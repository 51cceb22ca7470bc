#include "base/terminal_text.h"

#include <algorithm>

namespace reqmail::base {

std::string terminal_safe(std::string_view text, char substitute) {
  std::string safe(text);
  std::replace_if(
      safe.begin(), safe.end(), [](char c) { return c < ' ' || c > '~'; }, substitute);
  return safe;
}

std::string peer_text(std::string_view text) {
  return terminal_safe(text.substr(0, kPeerTextMax), '?');
}

}  // namespace reqmail::base
