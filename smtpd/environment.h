// What the environment tells the servers of SMTP, QMTP and QMQP about one connection
// (tcp-environ(5)). It is read once, when the connection begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mail/received.h"
#include "proto/smtp_log.h"
#include "smtpd/login.h"

namespace reqmail::smtpd {

// What all of them ask for.
struct ClientEnvironment {
  mail::NetworkPeer peer;
  std::optional<std::uint64_t> databytes;   // DATABYTES: in the place of control/databytes
  std::optional<std::string> relay_suffix;  // RELAYCLIENT: every recipient is taken, with this
                                            // after its address
};

struct SmtpdEnvironment {
  ClientEnvironment client;
  proto::SmtpLogEnds ends;
  LoginEnvironment login;
  bool tls_required = false;   // UCSPITLS: no MAIL and no AUTH in clear
  bool tls_forbidden = false;  // DISABLETLS or UCSPITLS: no STARTTLS
};

ClientEnvironment client_environment();
SmtpdEnvironment smtpd_environment();

}  // namespace reqmail::smtpd
