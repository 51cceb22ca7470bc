#include "sys/secrets.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

#include "compat/no_new_privs.h"
#include "compat/no_tracing.h"
#include "sys/error.h"
#include "sys/stream.h"

namespace reqmail::sys {

Result<std::string> random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  for (;;) {
    // getrandom(2) never returns only a part of up to 256 bytes.
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got == static_cast<ssize_t>(count)) {
      return bytes;
    }
    if (got >= 0 || errno != EINTR) {
      return system_failure("unable to get random bytes");
    }
  }
}

Result<Fd> make_secret_file(std::string_view text) {
  Fd file(::memfd_create("secret", MFD_CLOEXEC));
  if (!file.valid()) {
    return system_failure("unable to make a file in memory");
  }
  if (auto done = write_all(file.get(), text); !done) {
    return done.error();
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) {
    return system_failure("unable to seek");
  }
  return file;
}

Result<std::string> take_secret_file(Fd file, std::size_t limit) {
  auto text = read_all(file.get(), limit);
  if (!text) {
    return text.error();
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) {
    return system_failure("unable to seek");
  }
  if (auto done = write_all(file.get(), std::string(text->size(), '\0')); !done) {
    return done.error();
  }
  return text;
}

void wipe(std::string& text) {
  // The bytes after the text may be from a time when it was longer.
  text.resize(text.capacity());
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

void hide_memory() {
  const rlimit none{0, 0};
  (void)::setrlimit(RLIMIT_CORE, &none);
  compat::forbid_tracing();
}

void forbid_tracing() {
  compat::forbid_tracing();
}

bool ignores_setuid() {
  return compat::are_new_privileges_forbidden();
}

}  // namespace reqmail::sys
