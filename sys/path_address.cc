#include "sys/path_address.h"

#include <sys/socket.h>

#include <cerrno>

#include "sys/error.h"

namespace reqmail::sys {

Result<sockaddr_un> path_address(const std::string& path, std::string_view what) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  // The NUL after the path has to fit too.
  if (path.size() >= sizeof address.sun_path) {
    return system_failure(what, ENAMETOOLONG);
  }
  path.copy(address.sun_path, path.size());
  return address;
}

}  // namespace reqmail::sys
