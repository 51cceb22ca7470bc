// What qmail-remote reports on its standard output (qmail-remote(8)): for each recipient that
// was answered a letter (r accepted, h refused for good, s refused for now), a text and a NUL;
// then for the message a letter (K taken, Z try again, D give up), a text, a newline and a NUL.
// Bounces and logs show these bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proto/smtp_client.h"

namespace reqmail::remote {

// Nothing came of the delivery, for a reason of our own; recipients have no reports.
std::string failure_report(const Failure& failure);

// `peer` is the address of the server, as text.
std::string recipient_reports(const std::vector<proto::RecipientOutcome>& recipients,
                              std::string_view peer);

// The end of a session that went through to QUIT. `demand`: who asks for TLS, as
// TlsPlan::demand; it counts if the session ended because there was none.
std::string outcome_report(const proto::SmtpEnding& outcome, std::string_view peer,
                           std::string_view demand = {});

// TLS could not be begun. The Failure's text says why, and ends before the address.
std::string tls_report(const Failure& failure, std::string_view peer);

// The session broke off. `possible_duplicate`: the whole message may have reached the server.
// `last_words`: what the server said before, if it said why.
std::string broken_report(std::string_view peer, bool possible_duplicate,
                          std::string_view last_words = {});

}  // namespace reqmail::remote
