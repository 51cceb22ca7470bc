// Sets the name under which ps(1) and similar programs show a process.
#pragma once

namespace reqmail::compat {

// Sets the name of this process, cut to the length of the system (15 bytes). Does nothing if
// the system does not support this.
void set_process_name(const char* name);

}  // namespace reqmail::compat
