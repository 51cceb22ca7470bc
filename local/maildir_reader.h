// The messages of a maildir, which is the working directory (maildir(5)).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace reqmail::local {

// Files in tmp/ that nobody has accessed for so long were left by a delivery that died.
inline constexpr base::Seconds kMaildirTmpAge = base::Seconds(129600);

struct MaildirEntry {
  // "new/NAME" or "cur/NAME".
  std::string path;
  base::Time modified;
  std::uint64_t size = 0;
};

enum class MaildirParts { new_only, new_and_cur };

// The messages that were modified before `now`, oldest first, those of the same
// second from new/ before cur/ and then by name. Names that begin with a dot and
// files that are gone meanwhile are left out. Failure: "unable to scan $MAILDIR/new: ERROR".
Result<std::vector<MaildirEntry>> scan_maildir(MaildirParts parts, base::Time now);

// Removes what is left over in tmp/, as far as that is possible.
void clean_maildir_tmp(base::Time now);

}  // namespace reqmail::local
