#include "compat/heap.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace reqmail::compat {

void set_heap_step(std::size_t bytes) {
#if defined(__GLIBC__)
  (void)::mallopt(M_TOP_PAD, static_cast<int>(bytes));
#else
  (void)bytes;
#endif
}

void trim_heap() {
#if defined(__GLIBC__)
  (void)::malloc_trim(0);
#endif
}

}  // namespace reqmail::compat
