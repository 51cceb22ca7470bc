#include "upgrade/old_build.h"

#include <array>
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

// "userBREAKanything", in the fonts that the pages give it.
constexpr std::string_view kUserInPage = "user\\fB";
constexpr std::string_view kExtensionInPage = "\\fIanything";
constexpr std::array<std::string_view, 2> kPages = {"/man5/dot-qmail.5", "/man8/qmail-getpw.8"};
// Behind the home's own.
constexpr std::array<std::string_view, 5> kPageFolders = {
    "/usr/local/man", "/usr/local/share/man", "/usr/local/qmail/man", "/usr/share/man",
    "/usr/man"};

bool can_break(char c) {
  return c > ' ' && c < 0x7f && std::string_view("/:@%\"\\").find(c) == std::string_view::npos;
}

std::uint32_t word_at(std::string_view bytes, std::size_t place) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes.data() + place, sizeof word);
  return word;
}

struct BreakSaid {
  std::optional<char> character;
  std::string place;
};

BreakSaid break_in_pages(const Request& request) {
  std::vector<std::string> folders = {request.home + "/man"};
  for (const std::string_view folder : kPageFolders) {
    folders.push_back(base::concat({request.root, folder}));
  }
  for (const std::string& folder : folders) {
    for (const std::string_view page : kPages) {
      const std::string path = base::concat({folder, page});
      const auto text = read_plain(path);
      if (const auto character = text && *text ? break_in_page(**text) : std::nullopt) {
        return {character, path};
      }
    }
  }
  return {};
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

std::optional<char> break_in_page(std::string_view page) {
  const std::size_t place = page.find(kUserInPage);
  if (place == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view rest = page.substr(place + kUserInPage.size());
  rest.remove_prefix(rest.substr(0, 1) == "\\" ? 1 : 0);  // of a dash that roff shall keep
  if (rest.size() < 2 || rest.substr(1, kExtensionInPage.size()) != kExtensionInPage ||
      !can_break(rest[0])) {
    return std::nullopt;
  }
  return rest[0];
}

std::vector<Finding> check_build(const Request& request) {
  const std::string path = request.home + "/bin/qmail-showctl";
  const auto content = read_plain(path, kProgramLimit);
  if (!content || !*content || (*content)->find(kOurSymbols) != std::string::npos) {
    return {};
  }
  const BuildChoices choices = read_build_choices(**content, request.home);
  BreakSaid said{choices.break_character, path};
  if (!said.character) {
    said = break_in_pages(request);
  }
  std::vector<Finding> findings;
  const std::string ours(1, config::kBreak);
  if (!said.character) {
    findings.push_back(
        about(path, "break", Severity::note,
              base::concat({"does not tell the break character it was built with (conf-break), "
                            "and no manual page does; ours is ",
                            ours}),
              "where it was another, build with ./configure --break='C'"));
  } else if (*said.character != config::kBreak) {
    const std::string old(1, *said.character);
    findings.push_back(
        about(said.place, "break", Severity::stop,
              base::concat({"has the break character ", old, ", and reqmail ", ours,
                            ": mail for extensions of users would bounce"}),
              base::concat({"build reqmail with ./configure --break='", old, "'"})));
  }
  if (!choices.paternalism) {
    findings.push_back(
        about(path, "paternalism", Severity::note,
              base::concat({"does not tell which mode bits of homes it was built to refuse "
                            "(conf-patrn); ours are ",
                            octal(config::kPaternalism)}),
              "where they were others, build with ./configure --patrn=OCTAL"));
  } else if (*choices.paternalism != config::kPaternalism) {
    const std::string old = octal(*choices.paternalism);
    findings.push_back(about(path, "paternalism", Severity::stop,
                             base::concat({"was built to refuse homes with the mode bits ", old,
                                           ", and reqmail ", octal(config::kPaternalism)}),
                             base::concat({"build reqmail with ./configure --patrn=", old})));
  }
  return findings;
}

}  // namespace reqmail::upgrade
