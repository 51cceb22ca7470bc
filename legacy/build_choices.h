// What the old programs were built with and no control file says: the break character of
// addresses and the mode bits that a home must not have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::legacy {

struct BuildChoices {
  // conf-break and conf-patrn.
  std::optional<char> break_character;
  std::optional<std::uint32_t> paternalism;
};

// From the bytes of qmail-showctl: its symbols where it has them, else the data in front of the
// home's name, where the linker put both.
BuildChoices read_build_choices(std::string_view program, const std::string& home);

// The break character as a page of the old qmail has it, dot-qmail(5) or qmail-getpw(8): in the
// form of address that they say a user controls.
std::optional<char> break_in_page(std::string_view page);

}  // namespace reqmail::legacy
