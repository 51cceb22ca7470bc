// What an installation has in directories that other accounts can write: made and owned by root
// without a path (sys/held_directory.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/held_directory.h"
#include "sys/owned_file.h"

namespace reqmail::sys {

struct OwnedEntry {
  // `present` is anything that is there already, and is never made.
  enum class Kind { directory, fifo, zeros, present };
  Kind kind = Kind::present;
  std::uint64_t size = 0;  // zeros: how many bytes a new file has
  Ownership ownership{};
  std::string path;
};

// One row of text: TYPE UID GID MODE PATH, TYPE being dir, fifo, zeros:SIZE or present, MODE
// octal.
// "-" for UID or GID is the caller's own. Absent: no such row.
std::optional<OwnedEntry> parse_owned_entry(std::string_view row);

enum class OnExisting { set_ownership, leave_alone };

// Makes the entry where it is missing, and gives it its owner and mode. `below` is a place that
// the caller trusts ("" is the root directory), under which the entry's path begins. The result
// says whether anything changed. A Failure with EEXIST where something of another kind has the
// name; nothing is changed then. A link to a directory counts as that directory where root
// alone can have made the link, and a link to anything else there is left as it is.
Result<bool> ensure_entry(const std::string& below, const OwnedEntry& entry,
                          OnExisting on_existing);

}  // namespace reqmail::sys
