#include "tests/unit/local/support.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "sys/directory.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::local {

void make_maildir(const std::string& name) {
  for (const char* part : {"", "/tmp", "/new", "/cur"}) {
    if (::mkdir((name + part).c_str(), 0700) != 0) {
      std::abort();
    }
  }
}

sys::Fd message_with(const std::string& content) {
  char name[] = "/tmp/reqmail-message-XXXXXX";
  sys::Fd file(::mkstemp(name));
  (void)::unlink(name);
  if (!file.valid() || !sys::write_all(file.get(), content)) {
    std::abort();
  }
  return file;
}

bool is_root() {
  return ::geteuid() == 0;
}

}  // namespace reqmail::local
