// The client's side of an SMTP connection up to the first transaction.
//
//   greeting 220 -> EHLO (or only HELO); refused for good -> HELO; 250 -> STARTTLS if it is wanted
//   and offered; 220 -> TLS, and EHLO again; 250 -> AUTH if there is a login; 235 -> ready for
//   transactions.
//
// Wherever the server says no, the connection ends with QUIT, whose answer nobody waits for.
#pragma once

#include <optional>
#include <string>

#include "proto/sasl_client.h"
#include "proto/smtp_client.h"
#include "proto/smtp_extensions.h"
#include "proto/smtp_reply.h"

namespace reqmail::proto {

struct SmtpClientSettings {
  // Our own name, for EHLO and HELO.
  std::string hello;
  // EHLO is not said, only HELO: without STARTTLS, AUTH and all other extensions.
  bool plain_hello = false;
  // TLS is spoken from the first byte on.
  bool secure = false;
  // STARTTLS is said if it is offered.
  bool starttls = false;
  // Nothing is mailed without TLS.
  bool tls_required = false;
  // If it is set, nothing is mailed without it. It must outlive the machine. Null: none.
  const SaslLogin* login = nullptr;
  // The login may be said without TLS.
  bool login_in_clear = false;
};

class SmtpClientConnection {
 public:
  enum class Next {
    reply,  // write `send`, then read a reply
    tls,    // forget all that was read ahead, begin TLS, then call on_tls()
    ready,  // transactions may begin
    close,  // write `send` and close: outcome() says why
  };

  struct Step {
    std::string send;
    Next next = Next::reply;
    // `send` is to be overwritten after it was sent.
    bool secret = false;
  };

  explicit SmtpClientConnection(SmtpClientSettings settings);

  // What to do after a reply; the first is the greeting, which comes unasked.
  Step on_reply(const SmtpReply& reply);

  // TLS has begun: nothing that the server said before counts.
  Step on_tls();

  // STARTTLS has been said, and not answered yet.
  [[nodiscard]] bool waits_for_tls() const { return state_ == State::starttls; }

  // EHLO has been said and neither it nor the HELO after it was accepted yet: if the server
  // hangs up now, it may accept HELO alone.
  [[nodiscard]] bool dislikes_ehlo() const {
    return !settings_.plain_hello && (state_ == State::ehlo || state_ == State::helo);
  }

  [[nodiscard]] const SmtpExtensions& extensions() const { return extensions_; }

  // Valid after a step `close`.
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
