#include "compat/stack.h"

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#endif

namespace reqmail::compat {

#if defined(__linux__)

// The frames of this function and of what it calls are above what is given back. The stack of
// the first thread grows down, and nothing is near its end. Pages that are not there are no
// error.
[[gnu::noinline]] void trim_stack() {
  constexpr std::uintptr_t kPage = 4096;
  constexpr std::uintptr_t kOwnFrame = 512;
  constexpr std::uintptr_t kDeepest = std::uintptr_t{64} << 10;
  const int saved = errno;
  if (::gettid() == ::getpid()) {
    const auto frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    const std::uintptr_t end = (frame - kOwnFrame) / kPage * kPage;
    // No object is there any more.
    void* const begin = reinterpret_cast<void*>(end - kDeepest);  // NOLINT(*-int-to-ptr)
    (void)::madvise(begin, kDeepest, MADV_DONTNEED);
  }
  errno = saved;
}

#else

void trim_stack() {}

#endif

}  // namespace reqmail::compat
