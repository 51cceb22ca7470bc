// All that the program that speaks TLS needs to go on with a delivery, besides its arguments
// and the message on descriptor 0: a connection, what was said over it, and what to do if it
// fails.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "remote/session_terms.h"
#include "remote/signer.h"
#include "remote/targets.h"
#include "remote/tls_decision.h"

namespace reqmail::remote {

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
};

// A text that only the other program should see, since it may hold a password; and back,
// nullopt if it makes no sense.
std::string encode_handover(const Handover& handover);
std::optional<Handover> decode_handover(std::string_view text);

}  // namespace reqmail::remote
