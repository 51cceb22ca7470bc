// All that the program that speaks TLS needs to go on with a delivery, besides its arguments
// and the message (on descriptor 0 unless the program stays): a connection, what was said over
// it, and what to do if it fails.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "remote/kept_connection.h"
#include "remote/session_terms.h"
#include "remote/signer.h"
#include "remote/targets.h"
#include "remote/tls_decision.h"

namespace reqmail::remote {

// The program goes on as a process that stays, in the place of the one that has executed it.
struct Stay {
  // The number of the order that the delivery is; orders come through descriptor 0.
  std::uint32_t order = 0;
  // The descriptor of its message.
  int message = -1;
  // QMAILDSN as other orders find it.
  std::optional<std::string> wishes = std::nullopt;
  KeepSettings keep = {};
  // What the connection has in common with others of its kind (remote/connection_terms.h).
  std::string terms = {};
};

struct Handover {
  // The connected socket. STARTTLS was accepted there, or, with the port of TLS from the first
  // byte on, nothing was said.
  int socket = -1;
  Target target;
  RemainingTargets rest;
  SessionTerms terms;
  // What is known about TLS with this target and this domain.
  TlsFindings tls;
  // The signer of the message, if it runs.
  std::optional<RunningSigner> signer = std::nullopt;
  // Absent: the program makes this delivery and ends.
  std::optional<Stay> stay = std::nullopt;
};

// A text that only the other program should see, since it may hold a password; and back,
// nullopt if it makes no sense.
std::string encode_handover(const Handover& handover);
std::optional<Handover> decode_handover(std::string_view text);

}  // namespace reqmail::remote
