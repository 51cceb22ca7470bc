// The extensions that a server announces in its answer to EHLO (RFC 5321 section 4.1.1.1),
// reduced to those that the client here can use.
#pragma once

#include <optional>
#include <string_view>

#include "proto/sasl.h"

namespace reqmail::proto {

struct SmtpExtensions {
  bool starttls = false;
  bool size = false;
  bool eight_bit = false;
  // The first of its mechanisms that is known here.
  std::optional<SaslMechanism> login;
};

// `reply`: the lines of the answer, each with its code and LF. The first one names the server.
SmtpExtensions parse_extensions(std::string_view reply);

}  // namespace reqmail::proto
