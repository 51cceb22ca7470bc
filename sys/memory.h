// Memory that a process does not need for now.
#pragma once

namespace reqmail::sys {

// Gives freed memory back to the system. It takes some microseconds, and is worth it before a
// long wait or a fork.
void give_back_memory();

// Gives back the part of the stack that is not used any more; the same applies.
void give_back_stack();

}  // namespace reqmail::sys
