#include "legacy/build_choices.h"

#include <cstddef>
#include <cstring>

#include "legacy/elf_symbols.h"

namespace reqmail::legacy {

namespace {

constexpr std::uint32_t kAllBits = 0777;
// The program's data has the break character as a word of this size, then a number of this
// size, then the home.
constexpr std::size_t kWord = 4;

// "userBREAKanything", with the fonts of the manual pages.
constexpr std::string_view kUserInPage = "user\\fB";
constexpr std::string_view kExtensionInPage = "\\fIanything";

bool can_break(char c) {
  return c > ' ' && c < 0x7f && std::string_view("/:@%\"\\").find(c) == std::string_view::npos;
}

std::uint32_t word_at(std::string_view bytes, std::size_t place) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes.data() + place, sizeof word);
  return word;
}

}  // namespace

BuildChoices read_build_choices(std::string_view program, const std::string& home) {
  BuildChoices choices;
  const auto text = elf_int(program, "auto_break");
  const auto bits = elf_int(program, "auto_patrn");
  if (text && bits) {
    choices.break_character = static_cast<char>(*text & 0xff);
    choices.paternalism = static_cast<std::uint32_t>(*bits);
    return choices;
  }
  const std::string name = home + '\0';
  for (std::size_t place = program.find(name); place != std::string_view::npos;
       place = program.find(name, place + 1)) {
    if (place < 2 * kWord) {
      continue;
    }
    const std::uint32_t patrn = word_at(program, place - kWord);
    const std::uint32_t character = word_at(program, place - 2 * kWord);
    if (patrn <= kAllBits && character < 0x7f && can_break(static_cast<char>(character))) {
      choices.break_character = static_cast<char>(character);
      choices.paternalism = patrn;
      return choices;
    }
  }
  return choices;
}

std::optional<char> break_in_page(std::string_view page) {
  const std::size_t place = page.find(kUserInPage);
  if (place == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view rest = page.substr(place + kUserInPage.size());
  // The backslash belongs to a dash that roff must not change.
  rest.remove_prefix(rest.substr(0, 1) == "\\" ? 1 : 0);
  if (rest.size() < 2 || rest.substr(1, kExtensionInPage.size()) != kExtensionInPage ||
      !can_break(rest[0])) {
    return std::nullopt;
  }
  return rest[0];
}

}  // namespace reqmail::legacy
