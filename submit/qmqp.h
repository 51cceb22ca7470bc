// The queue program of a host without a queue: passes a message to a QMQP server.
#pragma once

#include <optional>
#include <string_view>

#include "base/ip_address.h"

namespace reqmail::submit {

// Returns the address of a server at the beginning of a line of control/qmqpservers. What
// follows a dotted quad, or a blank, is ignored.
std::optional<base::IpAddress> qmqp_server(std::string_view line);

// Reads control/qmqpservers below the current directory, which is qmail's home, the message
// from one descriptor and the envelope from the other, and tries the servers in turn until one
// accepts the connection. Returns the exit code of a queue program (qmail-queue(8)).
int submit_by_qmqp(int message, int envelope);

}  // namespace reqmail::submit
