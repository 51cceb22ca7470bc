// Entries of an installation that take the place of an older one in one step: programs that may
// be running, pages, links.
#pragma once

#include <string>

#include "base/result.h"
#include "sys/held_directory.h"
#include "sys/owned_file.h"

namespace reqmail::sys {

// Makes `name` a copy of the regular file `source`. The copy is written as .NAME.new in the
// same directory and has its owner and mode before it is renamed, so the name is the old file
// or the whole new one at any time, and who runs or reads the old one keeps it. What another
// run left as .NAME.new is removed.
Result<void> replace_by_copy(const HeldDirectory& directory, const std::string& name,
                             const std::string& source, const Ownership& ownership);

// Makes `name` a symbolic link to `target`, in the same way. The link belongs to the caller.
// Returns whether anything changed.
Result<bool> replace_by_link(const HeldDirectory& directory, const std::string& name,
                             const std::string& target);

}  // namespace reqmail::sys
