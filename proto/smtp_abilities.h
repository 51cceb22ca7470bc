// What a server says it can do: its answer to EHLO (RFC 5321 section 4.1.1.1), reduced to what
// a client here can use.
#pragma once

#include <optional>
#include <string_view>

#include "proto/sasl.h"

namespace reqmail::proto {

struct SmtpAbilities {
  bool starttls = false;
  bool size = false;
  bool eight_bit = false;
  // The first of its mechanisms that we know.
  std::optional<SaslMechanism> login;
};

// `reply`: the lines of the answer, each with code and LF. The first one names the server.
SmtpAbilities parse_abilities(std::string_view reply);

}  // namespace reqmail::proto
