#include "listen/tls_log.h"

#include <unistd.h>

#include <string>

#include "base/number.h"
#include "base/terminal_text.h"
#include "base/text.h"
#include "sys/env.h"
#include "sys/stream.h"

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
  constexpr std::string_view kPrefix = "TLS: ";
  std::string_view why = failure.text;
  if (why.starts_with(kPrefix)) {
    why.remove_prefix(kPrefix.size());
  }
  return base::concat({"handshake failed: ", why});
}

}  // namespace reqmail::listen
