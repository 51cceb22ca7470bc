// Recognises the old qmail by the texts in its programs and by their names. The programs are
// read, never executed.
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

// The version if there is no qmail-send in bin.
inline constexpr std::string_view kNoQmail = "no qmail";

struct OldPrograms {
  // A description such as "netqmail 1.06 or qmail 1.03 with the QMAILQUEUE patch" or "s/qmail".
  std::string version;
  // The names of the patches whose traces were found, sorted.
  std::vector<std::string> patches;
  std::set<Trait> traits;
  // The values of auto_split and auto_spawn, if the symbols were not stripped.
  std::optional<std::uint64_t> split;
  std::optional<std::uint64_t> spawn_limit;
  // The absolute path of a program that replaces qmail-queue by a link; may be empty.
  std::string queue_program;
  // The findings on programs that could not be read or are damaged, and on trees that cannot be
  // upgraded in place.
  std::vector<Finding> findings;

  [[nodiscard]] bool has(Trait trait) const { return traits.count(trait) != 0; }
};

// Examines the programs in the directory `bin`.
OldPrograms recognise_programs(const std::string& bin);

// Adds the traces in `content`, the bytes of program `name`.
void recognise_text(OldPrograms& programs, std::string_view name, std::string_view content);

}  // namespace reqmail::survey
