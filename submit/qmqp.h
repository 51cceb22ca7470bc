// The queue program of a host without a queue: hands a message to a QMQP server.
#pragma once

#include <optional>
#include <string_view>

#include "base/ip_address.h"

namespace reqmail::submit {

// A server's address at the beginning of a line of control/qmqpservers; whatever stands behind
// a dotted quad, or behind a blank, does not count.
std::optional<base::IpAddress> qmqp_server(std::string_view line);

// Reads control/qmqpservers of the current directory, which is qmail's home, the message from
// one descriptor and the envelope from the other, and asks the servers in turn until one takes
// the connection. Returns the exit code of a queue program (qmail-queue(8)).
int submit_by_qmqp(int message, int envelope);

}  // namespace reqmail::submit
