#include "sys/secrets.h"

#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

#include <cerrno>

#include "compat/no_tracing.h"
#include "sys/error.h"

namespace reqmail::sys {

void wipe(std::string& text) {
  // The bytes behind the end may hold more of it.
  text.resize(text.capacity());
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

Result<std::string> random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  for (;;) {
    // Up to 256 bytes come whole or not at all.
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got == static_cast<ssize_t>(count)) {
      return bytes;
    }
    if (got >= 0 || errno != EINTR) {
      return system_failure("unable to get random bytes");
    }
  }
}

void hide_memory() {
  const rlimit none{0, 0};
  (void)::setrlimit(RLIMIT_CORE, &none);
  compat::forbid_tracing();
}

bool ignores_setuid() {
  return compat::ignores_setuid();
}

}  // namespace reqmail::sys
