#include "compat/heap.h"

#if defined(__GLIBC__)
#include <malloc.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

// The first release that says where the free memory above everything begins.
#if __GLIBC_PREREQ(2, 33)
#define REQMAIL_KNOWS_TOP_OF_HEAP
#endif
#endif

namespace reqmail::compat {

#if defined(REQMAIL_KNOWS_TOP_OF_HEAP)
namespace {

std::uintptr_t address_of(const void* place) {
  return reinterpret_cast<std::uintptr_t>(place);
}

}  // namespace
#endif

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

#if defined(REQMAIL_KNOWS_TOP_OF_HEAP)

// The heap gives what lies above all that is used only if no hole is large enough.
void fill_holes() {
  constexpr std::size_t kLargest = std::size_t{64} << 10;
  // Smaller pieces are not joined with what is beside them when they are freed, but are the
  // next that are given.
  constexpr std::size_t kSmall = 1024;
  constexpr std::size_t kStep = 16;
  // What a thread has put aside is not counted as free: up to sixteen pieces of each small
  // size.
  constexpr std::size_t kAside = 16 * (kSmall / kStep) * (kSmall / 2 + kStep);
  const struct ::mallinfo2 heap = ::mallinfo2();
  if (heap.keepcost == 0) {
    return;  // the heap is another one, such as that of a sanitizer
  }
  const std::uintptr_t end = address_of(::sbrk(0)) - heap.keepcost;
  // A heap that goes on in other places has new memory below that end too, without limit.
  const std::size_t most = heap.fordblks - heap.keepcost + kAside;
  std::size_t taken = 0;
  std::size_t size = kLargest;
  while (size > 0 && taken <= most) {
    void* const piece = std::malloc(size - sizeof(std::size_t));
    if (piece != nullptr && address_of(piece) < end) {
      taken += size;
      continue;
    }
    if (size > kSmall) {
      std::free(piece);
    }
    // The rest of a large hole is one of the smaller ones.
    size -= size > kSmall ? size / kStep / kStep * kStep : kStep;
  }
}

#else

void fill_holes() {}

#endif

}  // namespace reqmail::compat
