// How the session of a delivery with a server begins.
#pragma once

#include "base/ip_address.h"
#include "remote/session_terms.h"
#include "remote/smtp_connection.h"
#include "remote/tls_decision.h"

namespace reqmail::remote {

// What a session does without, since the one before it failed with it.
struct Without {
  bool starttls = false;
  bool ehlo = false;
};

// Returns the settings of the connection, all but what the delivery itself knows: the name for
// EHLO, the login, and the functions.
SmtpConnectionSettings session_settings(const SessionTerms& terms, const TlsPlan& plan,
                                        SmtpBegin begin, const base::IpAddress& server,
                                        Without without);

}  // namespace reqmail::remote
