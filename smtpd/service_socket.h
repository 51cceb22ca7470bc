// Connects to a milter or a policy service.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "filter/service_line.h"
#include "sys/fd.h"

namespace reqmail::smtpd {

// Returns a connected socket. A host name is looked up in /etc/hosts only. The text of a
// Failure says why there is none.
Result<sys::Fd> connect_to_service(const filter::ServiceLine& line, base::Seconds timeout);

// Writes a line about a service to standard error: "qmail-smtpd[PID]: TOPIC: TEXT".
void log_service(std::string_view topic, std::string_view text);

}  // namespace reqmail::smtpd
