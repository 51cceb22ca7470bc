// How the heap grows.
#pragma once

#include <cstddef>

namespace reqmail::compat {

// Makes the heap grow by what is needed and this many bytes, where the library can be told so.
// Its own step, 128 KiB with glibc, counts against a limit of memory though it is not used.
void set_heap_step(std::size_t bytes);

// Gives memory that is not used back to the system, where the library can do this.
void trim_heap();

// Takes all free memory between what is used, for good, where the library can be told so: what
// is allocated from now on lies side by side above it. Of what is freed later nothing is taken.
void fill_holes();

}  // namespace reqmail::compat
