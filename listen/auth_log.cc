#include "listen/auth_log.h"

#include <unistd.h>

#include <algorithm>

#include "base/number.h"
#include "base/text.h"
#include "sys/stream.h"

namespace reqmail::listen {

std::string shown_user(std::string_view user) {
  std::string shown(user);
  std::replace_if(
      shown.begin(), shown.end(),
      [](char c) { return c < '!' || c > '~' || c == '<' || c == '>'; }, '_');
  return shown;
}

void log_login(std::string_view program, std::string_view event, std::string_view type,
               std::string_view user, std::string_view ip) {
  const auto pid = static_cast<std::uint64_t>(::getpid());
  (void)sys::write_all(STDERR_FILENO,
                       base::concat({program, "[", base::decimal(pid), "]: auth: ", event,
                                     " type=", type, " user=<", shown_user(user), ">",
                                     ip.empty() ? "" : " ip=", base::printable(ip), "\n"}));
}

}  // namespace reqmail::listen
