#include "listen/tls_log.h"

#include <unistd.h>

#include <string>

#include "base/number.h"
#include "base/terminal_text.h"
#include "base/text.h"
#include "sys/descriptor_io.h"
#include "sys/env.h"
#include "tls/start_tls.h"

namespace reqmail::listen {

void log_tls(std::string_view program, std::string_view why) {
  const std::string ip = sys::environment_value("TCPREMOTEIP").value_or("unknown");
  (void)sys::write_all(
      STDERR_FILENO,
      base::concat({program, "[", base::decimal(static_cast<std::uint64_t>(::getpid())),
                    "]: tls: ", base::printable(ip), " ", base::terminal_safe(why, '?'),
                    "\n"}));
}

std::string handshake_failed(const Failure& failure) {
  return base::concat({"handshake failed: ", tls::handshake_error(failure)});
}

}  // namespace reqmail::listen
