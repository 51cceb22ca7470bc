#include "upgrade/old_build.h"

#include <cstring>

#include "base/text.h"
#include "config.h"
#include "upgrade/about.h"
#include "upgrade/elf_symbols.h"
#include "upgrade/old_files.h"

namespace reqmail::upgrade {

namespace {

constexpr std::string_view kOurSymbols = "N7reqmail";
constexpr std::uint32_t kAllBits = 0777;
// A word of the break character, a number, then the home.
constexpr std::size_t kWord = 4;

bool can_break(char c) {
  return c > ' ' && c < 0x7f && std::string_view("/:@%\"\\").find(c) == std::string_view::npos;
}

std::uint32_t word_at(std::string_view bytes, std::size_t place) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes.data() + place, sizeof word);
  return word;
}

std::string octal(std::uint32_t bits) {
  std::string text;
  for (int shift = 6; shift >= 0; shift -= 3) {
    text += static_cast<char>('0' + (bits >> static_cast<unsigned>(shift) & 7U));
  }
  return text;
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

std::vector<Finding> check_build(const Request& request) {
  const std::string path = request.home + "/bin/qmail-showctl";
  const auto content = read_plain(path, kProgramLimit);
  if (!content || !*content || (*content)->find(kOurSymbols) != std::string::npos) {
    return {};
  }
  const std::string ours(1, config::kBreak);
  const BuildChoices choices = read_build_choices(**content, request.home);
  if (!choices.break_character || !choices.paternalism) {
    return {
        about(path, "build", Severity::harmless,
              base::concat({"does not tell conf-break and conf-patrn; ours are ", ours, " and ",
                            octal(config::kPaternalism)}),
              "where the old ones are others, build with ./configure --break=C --patrn=OCTAL")};
  }
  std::vector<Finding> findings;
  if (*choices.break_character != config::kBreak) {
    const std::string old(1, *choices.break_character);
    findings.push_back(
        about(path, "break", Severity::stop,
              base::concat({"was built with the break character ", old, ", and reqmail with ",
                            ours, ": mail for extensions of users would bounce"}),
              base::concat({"build reqmail with ./configure --break='", old, "'"})));
  }
  if (*choices.paternalism != config::kPaternalism) {
    const std::string old = octal(*choices.paternalism);
    findings.push_back(about(path, "paternalism", Severity::stop,
                             base::concat({"was built to refuse homes with the mode bits ", old,
                                           ", and reqmail ", octal(config::kPaternalism)}),
                             base::concat({"build reqmail with ./configure --patrn=", old})));
  }
  return findings;
}

}  // namespace reqmail::upgrade
