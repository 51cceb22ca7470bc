// What ps(1) and the like call a process.
#pragma once

namespace reqmail::compat {

// The name of this process, cut to what the system takes (15 bytes); nothing where it has no
// such thing.
void set_process_name(const char* name);

}  // namespace reqmail::compat
