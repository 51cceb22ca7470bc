// Operations on all descriptors from a number on.
#pragma once

namespace reqmail::compat {

// Makes all descriptors from `first` on close-on-exec.
void set_close_on_exec_from(int first);

// Closes all descriptors from `first` on.
void close_from(int first);

}  // namespace reqmail::compat
