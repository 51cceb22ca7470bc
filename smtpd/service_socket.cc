#include "smtpd/service_socket.h"

#include <cerrno>
#include <string>

#include "base/terminal_text.h"
#include "base/text.h"
#include "net/connect.h"
#include "net/connect_path.h"
#include "net/hosts_file.h"
#include "smtpd/log.h"

namespace reqmail::smtpd {

Result<sys::Fd> connect_to_service(const filter::ServiceLine& line, base::Seconds timeout) {
  if (line.kind == filter::ServiceLine::Kind::unix_socket) {
    return net::connect_to_path(line.host, timeout);
  }
  const base::Family family =
      line.kind == filter::ServiceLine::Kind::inet ? base::Family::v4 : base::Family::v6;
  Result<sys::Fd> socket = temporary("unknown host", EHOSTUNREACH);
  for (const base::IpAddress& address : net::local_addresses_of(line.host)) {
    if (address.family() != family) {
      continue;
    }
    socket = net::connect_to(address, line.port, timeout);
    if (socket) {
      break;
    }
  }
  return socket;
}

void log_service(std::string_view topic, std::string_view text) {
  log_lines({base::concat({topic, ": ", base::peer_text(text)})});
}

}  // namespace reqmail::smtpd
