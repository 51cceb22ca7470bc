// Marks by which a process recognises the file of a program of the same release, whose work it
// may then do itself.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "config.h"

namespace reqmail::sys {

inline constexpr std::string_view kMarkBegin = "reqmail program ";
inline constexpr std::string_view kMarkMiddle = " of version ";

// Returns the bytes in the file of the program `name`, with the NUL at their end.
template <std::size_t kNameSize>
consteval auto program_mark(const char (&name)[kNameSize]) {
  constexpr std::size_t kSize =
      kMarkBegin.size() + kNameSize - 1 + kMarkMiddle.size() + config::kVersion.size() + 1;
  std::array<char, kSize> mark = {};
  auto* end = std::copy(kMarkBegin.begin(), kMarkBegin.end(), mark.begin());
  end = std::copy(name, name + kNameSize - 1, end);
  end = std::copy(kMarkMiddle.begin(), kMarkMiddle.end(), end);
  std::copy(config::kVersion.begin(), config::kVersion.end(), end);
  return mark;
}

}  // namespace reqmail::sys
