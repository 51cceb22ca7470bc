// The entries of an installation in directories that other accounts can write. Root makes them
// and sets their owners without using paths (sys/held_directory.h).
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
  // `present` means anything that exists already; it is never made. `file` and `link` take the
  // place of an older one (sys/replaced_entry.h).
  enum class Kind { directory, fifo, zeros, file, link, present };
  Kind kind = Kind::present;
  std::uint64_t size = 0;  // size of a new file in bytes, for `zeros`
  std::string source;      // what a `file` is a copy of, or the target of a `link`
  Ownership ownership{};
  std::string path;
};

// Parses a row "TYPE UID GID MODE PATH". TYPE is dir, fifo, zeros:SIZE, file:SOURCE,
// link:TARGET or present, and MODE is octal. "-" for UID means the caller's own, and for GID
// kSameGroup. Returns nullopt if it is not such a row.
std::optional<OwnedEntry> parse_owned_entry(std::string_view row);

enum class OnExisting { set_ownership, leave_alone };

// Makes the entry if it does not exist, and sets its owner and mode (a link has neither). An
// existing file or link is replaced by the new one. The entry's path begins at `below`, a place
// that the caller trusts ("" is the root directory). Returns whether anything changed. It is a
// Failure with EEXIST, and nothing is changed, if the name belongs to something of another
// kind. A link to a directory counts as that directory if the link is in a directory that
// HeldDirectory trusts; a link to something else there is left as it is.
Result<bool> ensure_entry(const std::string& below, const OwnedEntry& entry,
                          OnExisting on_existing);

}  // namespace reqmail::sys
