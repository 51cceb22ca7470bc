// Renames a file without replacing another.
#pragma once

namespace reqmail::compat {

enum class RenameOutcome {
  renamed,
  // errno says why.
  failed,
  // The system, or the file system, cannot do this; nothing has changed.
  unsupported,
};

// Fails with EEXIST if there is a file `to`.
RenameOutcome rename_new(const char* from, const char* to);

}  // namespace reqmail::compat
