// Which qmail the old programs are, by the texts in them and by their names. They are read,
// never run.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "legacy/marks.h"
#include "survey/findings.h"

namespace reqmail::survey {

using legacy::Trait;

// The version of a bin without qmail-send.
inline constexpr std::string_view kNoQmail = "no qmail";

struct OldPrograms {
  // "netqmail 1.06 or qmail 1.03 with the QMAILQUEUE patch", "s/qmail" ...
  std::string version;
  // Names of the patches with traces, sorted.
  std::vector<std::string> patches;
  std::set<Trait> traits;
  // auto_split and auto_spawn, where the symbols were not stripped.
  std::optional<std::uint64_t> split;
  std::optional<std::uint64_t> spawn_limit;
  // The program that is in the place of qmail-queue as a link, as an absolute path; may be
  // empty.
  std::string queue_program;
  // Programs that could not be read, damaged ones, trees that cannot be upgraded in place.
  std::vector<Finding> findings;

  [[nodiscard]] bool has(Trait trait) const { return traits.count(trait) != 0; }
};

// The programs in `bin` (a directory).
OldPrograms recognise_programs(const std::string& bin);

// What is told by texts alone: whether `content`, the bytes of program `name`, shows traces.
void recognise_text(OldPrograms& programs, std::string_view name, std::string_view content);

}  // namespace reqmail::survey
