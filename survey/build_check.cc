#include "survey/build_check.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "config.h"
#include "legacy/build_choices.h"
#include "survey/about.h"
#include "survey/old_files.h"

namespace reqmail::survey {

namespace {

constexpr std::string_view kOurSymbols = "N7reqmail";
constexpr std::array<std::string_view, 2> kPages = {"/man5/dot-qmail.5", "/man8/qmail-getpw.8"};
// The directories of manual pages that are searched after those of the home.
constexpr std::array<std::string_view, 5> kPageFolders = {
    "/usr/local/man", "/usr/local/share/man", "/usr/local/qmail/man", "/usr/share/man",
    "/usr/man"};

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
      if (const auto character = text && *text ? legacy::break_in_page(**text) : std::nullopt) {
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

std::vector<Finding> check_build(const Request& request) {
  const std::string path = request.home + "/bin/qmail-showctl";
  const auto content = read_plain(path, kProgramLimit);
  if (!content || !*content || (*content)->find(kOurSymbols) != std::string::npos) {
    return {};
  }
  const legacy::BuildChoices choices = legacy::read_build_choices(**content, request.home);
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

}  // namespace reqmail::survey
