// Many descriptors at once.
#pragma once

namespace reqmail::compat {

// All descriptors from `first` on become close-on-exec.
void set_close_on_exec_from(int first);

// All descriptors from `first` on are closed.
void close_from(int first);

}  // namespace reqmail::compat
