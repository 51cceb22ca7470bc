// The extensions in a server's reply to EHLO (RFC 5321 section 4.1.1.1), reduced to those that
// this client can use.
#pragma once

#include <optional>
#include <string_view>

#include "proto/sasl.h"

namespace reqmail::proto {

struct SmtpExtensions {
  bool starttls = false;
  bool size = false;
  bool eight_bit = false;
  bool dsn = false;
  bool pipelining = false;
  bool smtputf8 = false;
  // The first mechanism of AUTH in the reply that this client knows.
  std::optional<SaslMechanism> login;
};

// Parses the lines of the reply, each with its code and LF. The first one names the server.
SmtpExtensions parse_extensions(std::string_view reply);

}  // namespace reqmail::proto
