// The client's side of an SMTP connection up to the first transaction, as a state machine:
//
//   greeting 220 -> EHLO (or only HELO); refused for good -> HELO; 250 -> STARTTLS if it is wanted
//   and offered; 220 -> TLS, and EHLO again; 250 -> AUTH if there is a login; 235 -> ready for
//   transactions.
//
// If the server refuses at any point, the connection ends with QUIT, and nobody waits for the
// reply.
#pragma once

#include <optional>
#include <string>

#include "proto/sasl_client.h"
#include "proto/smtp_client.h"
#include "proto/smtp_extensions.h"
#include "proto/smtp_reply.h"

namespace reqmail::proto {

struct SmtpClientSettings {
  // The name of this host, for EHLO and HELO.
  std::string hello;
  // Only HELO is said, never EHLO: so there is no STARTTLS, no AUTH and no other extension.
  bool plain_hello = false;
  // The connection is in TLS from the first byte on.
  bool secure = false;
  // STARTTLS is used if the server offers it.
  bool starttls = false;
  // No mail is sent without TLS.
  bool tls_required = false;
  // If there is a login, no mail is sent without it. It must outlive the state machine. Null
  // means that there is none.
  const SaslLogin* login = nullptr;
  // The login may be sent without TLS.
  bool login_in_clear = false;
};

class SmtpClientConnection {
 public:
  enum class Next {
    reply,  // write `send`, then read a reply
    tls,    // discard all input read so far, begin TLS, then call on_tls()
    ready,  // transactions may begin
    close,  // write `send` and close the connection; outcome() has the reason
  };

  struct Step {
    std::string send;
    Next next = Next::reply;
    // `send` must be overwritten after it was sent.
    bool secret = false;
  };

  explicit SmtpClientConnection(SmtpClientSettings settings);

  // Returns what to do after a reply; the first reply is the greeting.
  Step on_reply(const SmtpReply& reply);

  // Called when TLS has begun; forgets what the server said before.
  Step on_tls();

  // Returns whether the next reply is that to STARTTLS.
  [[nodiscard]] bool waits_for_tls() const { return state_ == State::starttls; }

  // Returns whether EHLO has been said and neither it nor the HELO after it has been accepted
  // yet: if the server closes the connection now, it may accept HELO alone.
  [[nodiscard]] bool dislikes_ehlo() const {
    return !settings_.plain_hello && (state_ == State::ehlo || state_ == State::helo);
  }

  [[nodiscard]] const SmtpExtensions& extensions() const { return extensions_; }

  // Valid after a step with `close`.
  [[nodiscard]] const SmtpEnding& outcome() const { return outcome_; }

 private:
  enum class State { greeting, ehlo, helo, starttls, login, ready };

  Step say_hello();
  Step on_hello(const SmtpReply& reply);
  Step on_starttls(const SmtpReply& reply);
  Step on_login(const SmtpReply& reply);
  Step login_refused(const SmtpReply& reply);
  Step go_on(const SmtpReply& refusal);
  Step ready();
  Step command(State state, std::string line);
  Step secret(std::string line);
  Step stop(SmtpStage stage, const SmtpReply& reply);

  SmtpClientSettings settings_;
  State state_ = State::greeting;
  SmtpExtensions extensions_;
  std::optional<SaslClient> login_;
  SmtpEnding outcome_;
};

}  // namespace reqmail::proto
