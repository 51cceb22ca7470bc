// Lists the messages of a maildir, which is the working directory (maildir(5)).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace reqmail::local {

// A file in tmp/ that has not been accessed for this long belongs to a delivery that died.
inline constexpr base::Seconds kMaildirTmpAge = base::Seconds(129600);

struct MaildirEntry {
  // "new/NAME" or "cur/NAME".
  std::string path;
  base::Time modified;
  std::uint64_t size = 0;
};

enum class MaildirParts { new_only, new_and_cur };

// Returns the messages that were modified before `now`, oldest first; those of the same second
// are sorted by directory, new/ before cur/, and then by name. It omits names that begin with a
// dot and files that no longer exist. The text of a Failure is "unable to scan $MAILDIR/new:
// ERROR".
Result<std::vector<MaildirEntry>> scan_maildir(MaildirParts parts, base::Time now);

// Removes old files in tmp/, as far as that is possible.
void clean_maildir_tmp(base::Time now);

}  // namespace reqmail::local
