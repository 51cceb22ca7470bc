// The environment variables from which the servers of SMTP, QMTP and QMQP learn about one
// connection (tcp-environ(5)). They are read once, when the connection begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "listen/tls_wish.h"
#include "mail/dsn.h"
#include "mail/received.h"
#include "proto/smtp_log.h"
#include "smtpd/denied_peers.h"
#include "smtpd/login.h"
#include "smtpd/recipient_sources.h"
#include "smtpd/sender_check_files.h"
#include "sys/env.h"

namespace reqmail::smtpd {

// The variables that all three servers read.
struct ClientEnvironment {
  mail::NetworkPeer peer;
  std::optional<std::uint64_t> databytes;   // DATABYTES, which replaces control/databytes
  std::optional<std::string> relay_suffix;  // RELAYCLIENT: may relay; appended to recipients
};

// Limits that replace those of the control files.
struct LimitEnvironment {
  std::optional<std::uint64_t> max_recipients;      // MAXRECIPIENTS, DISABLE_MAXRCPT
  std::optional<std::uint64_t> max_bad_recipients;  // BRTLIMIT
  std::optional<std::uint64_t> tarpit_count;        // TARPITCOUNT
  std::optional<base::Seconds> tarpit_delay;        // TARPITDELAY
  std::optional<bool> null_senders_denied;          // REJECTNULLSENDERS
};

// SMTPD_GREETDELAY or GREETDELAY: how long a client must wait for the greeting, and what is
// done with one that does not.
struct GreetDelay {
  base::Seconds time{0};
  bool drops_early_talkers = false;  // DROP_PRE_GREET, DROPRUSHGREET, a negative time
};

struct SmtpdEnvironment {
  ClientEnvironment client;
  proto::SmtpLogEnds ends;
  LoginEnvironment login;
  SenderCheckEnvironment sender_checks;
  DenyEnvironment denied;
  RecipientEnvironment recipients;
  LimitEnvironment limits;
  GreetDelay greet_delay;
  // These replace smtpdmilters and smtpdpolicy.
  std::optional<std::vector<std::string>> milters;          // MILTERS
  std::optional<std::vector<std::string>> policy_services;  // SMTPDPOLICY
  bool tls_required = false;   // UCSPITLS: neither MAIL nor AUTH is allowed without TLS
  bool tls_forbidden = false;  // DISABLETLS or UCSPITLS: STARTTLS is not offered
  listen::TlsChoices tls_choices;
};

ClientEnvironment client_environment();
SmtpdEnvironment smtpd_environment();

// Sets QMAILDSN for the queue program: the reports that the client asks for. Without any, the
// variable is not set.
void set_dsn_variable(sys::Environment& environment, const mail::DsnRequest& request);

}  // namespace reqmail::smtpd
