// How qmail-lspawn knows a program of this very release by its file, so that it may do the work
// of that program itself.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "config.h"

namespace reqmail::spawn {

inline constexpr std::string_view kMarkBegin = "reqmail program ";
inline constexpr std::string_view kMarkMiddle = " of version ";

// The bytes that stand in the file of the program `name`, the NUL at their end included.
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

}  // namespace reqmail::spawn
