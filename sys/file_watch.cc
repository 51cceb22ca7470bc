#include "sys/file_watch.h"

#include "compat/file_watch.h"

namespace reqmail::sys {

Fd watch_file(const std::string& path) {
  Fd watch(compat::make_watch());
  if (watch.valid() && !compat::watch_file(watch.get(), path)) {
    watch.close();
  }
  return watch;
}

}  // namespace reqmail::sys
