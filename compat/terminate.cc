#include "compat/terminate.h"

#include <cstdlib>
#include <exception>

#if defined(__GLIBCXX__)
namespace __gnu_cxx {

// The linker takes this one before it looks for another in libstdc++.a. It runs only if
// something goes wrong before main sets a handler.
void __verbose_terminate_handler() {  // NOLINT(bugprone-reserved-identifier)
  std::abort();
}

}  // namespace __gnu_cxx
#endif

namespace reqmail::compat {

void set_terminate_handler(void (*handler)()) {
  std::set_terminate(handler);
}

}  // namespace reqmail::compat
