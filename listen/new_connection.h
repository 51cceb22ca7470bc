// What the process of a new connection does before its program runs: it finds out who is there,
// asks the rules, and writes the lines of tcpserver(1).
#pragma once

#include <cstddef>
#include <optional>

#include "listen/listener_options.h"
#include "net/socket_address.h"
#include "sys/env.h"

namespace reqmail::listen {

// The connections from the same place, this one included.
struct Crowd {
  std::size_t of_address = 1;
  std::size_t of_network = 1;
};

struct NewConnection {
  int socket = 0;
  net::Endpoint remote;
  Crowd crowd;
};

// What becomes of a connection.
struct Admission {
  // The exit code of its process if it is not served.
  std::optional<int> refused;
  // The environment of its program, from that of this process.
  sys::Environment environment;
};

// The variables MAXCONNIP and MAXCONNC, of the rule for this connection or else of this
// process, have precedence over the limits of the options; 0 means no limit. A client that is
// denied by a limit is sent the value of DIEMSG and a line end.
Admission admit(const NewConnection& connection, const ConnectionOptions& options,
                Verbosity verbosity);

// Writes a line for the log to descriptor 2 if lines of this importance are wanted.
void write_log(Verbosity wanted, Verbosity importance, const std::string& line);

}  // namespace reqmail::listen
