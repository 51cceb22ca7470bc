// Memory that a process does not need for now.
#pragma once

namespace reqmail::sys {

// Gives freed memory back to the system. It takes some microseconds, and is worth it before a
// long wait or a fork.
void give_back_memory();

// Gives back the part of the stack that is not used any more; the same applies.
void give_back_stack();

// Once, when a process that will be forked often has what its children share: what they
// allocate lies side by side from now on, and not between that, of which they would get copies.
// Free memory is given back first, and what is left of it is lost.
void separate_new_memory();

}  // namespace reqmail::sys
