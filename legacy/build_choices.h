// Choices that were compiled into the old programs and that no control file has: the break
// character of addresses, and the mode bits that a home must not have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::legacy {

struct BuildChoices {
  // The values of conf-break and conf-patrn.
  std::optional<char> break_character;
  std::optional<std::uint32_t> paternalism;
};

// Reads them from the bytes of qmail-showctl: from its symbols if it has them, else from the
// data before the home's name, where the linker put both.
BuildChoices read_build_choices(std::string_view program, const std::string& home);

// Returns the break character in a manual page of the old qmail, dot-qmail(5) or
// qmail-getpw(8), which show the form of the addresses that a user controls.
std::optional<char> break_in_page(std::string_view page);

}  // namespace reqmail::legacy
