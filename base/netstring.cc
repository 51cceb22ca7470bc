#include "base/netstring.h"

#include <limits>

#include "base/ascii.h"
#include "base/number.h"

namespace reqmail::base {

NetstringLength::State NetstringLength::feed(char c) {
  if (c == ':') {
    return State::complete;
  }
  if (!is_digit(c) || ++digits_ > kNetstringDigitsMax) {
    return State::malformed;
  }
  const auto digit = static_cast<std::uint64_t>(c - '0');
  if (length_ > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) {
    return State::too_large;
  }
  length_ = length_ * 10 + digit;
  return length_ > limit_ ? State::too_large : State::more;
}

void append_netstring(std::string& out, std::string_view data) {
  out.append(decimal(data.size()));
  out.push_back(':');
  out.append(data);
  out.push_back(',');
}

}  // namespace reqmail::base
