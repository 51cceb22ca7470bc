// One message over one connection: the SMTP session of qmail-remote. Free of process state, so
// that a resident worker can call it as often as it likes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/connection.h"

namespace reqmail::remote {

struct Request {
  // Our own name, for EHLO and HELO.
  std::string hello;
  // Addresses as the queue has them; each proto::can_be_sent(). At least one recipient.
  std::string sender;
  std::vector<std::string> recipients;
  // A descriptor at the beginning of the message.
  int message = -1;
  // Address of the server, for the report.
  std::string peer;
};

// Delivers over a connection that was just made; returns the whole report. Whoever made the
// connection closes it.
std::string deliver(const Request& request, net::Connection& connection);

}  // namespace reqmail::remote
