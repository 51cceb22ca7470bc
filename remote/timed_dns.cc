#include "remote/timed_dns.h"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "remote/recipient_report.h"
#include "sys/clock.h"
#include "sys/deadline.h"
#include "sys/error.h"
#include "sys/exits.h"

namespace reqmail::remote {

Result<std::string> TimedDns::ask(const net::DnsName& name, net::DnsType type) {
  const auto left = end_ - sys::monotonic();
  if (left <= std::chrono::milliseconds(0)) {
    return sys::system_failure("timeout", ETIMEDOUT);
  }
  const std::string report =
      failure_report(temporary("Sorry, I couldn't find any host by that name. (#4.1.2)"));
  const sys::Deadline deadline(std::chrono::ceil<base::Seconds>(left),
                               {sys::kExitSuccess, STDOUT_FILENO, report});
  return transport_.ask(name, type);
}

}  // namespace reqmail::remote
