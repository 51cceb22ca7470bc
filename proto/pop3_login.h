// The POP3 login of qmail-popup as a state machine: it takes command lines and returns replies
// and actions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/sasl.h"

namespace reqmail::proto {

// How a client proves its identity.
enum class Pop3Method { pass, apop, plain };

// Returns "pass", "apop" or "plain", as logs show it.
std::string_view pop3_method_name(Pop3Method method);

// The input of a checker; for APOP `secret` is the digest.
struct Pop3Credentials {
  std::string user;
  std::string secret;
  Pop3Method method = Pop3Method::pass;
};

struct Pop3LoginStep {
  std::string reply;
  std::optional<Pop3Credentials> check;  // run the checker; there is no reply yet
  bool quit = false;                     // send the reply, then end
  bool start_tls = false;  // there is no reply yet: prepare TLS, then report the result
};

struct Pop3LoginPolicy {
  bool tls_required = false;  // neither user name nor password is accepted in clear
  bool secure = false;        // the connection is in TLS already
  bool apop = true;           // the greeting has a timestamp
};

class Pop3Login {
 public:
  explicit Pop3Login(const Pop3LoginPolicy& policy = {}) : policy_(policy) {}

  // Takes a command line without its LF. `offers_tls` says whether STLS (RFC 2595) may be used
  // now; it has no effect once the connection is in TLS, where AUTH PLAIN (RFC 5034) is
  // available.
  Pop3LoginStep handle(std::string_view line, bool offers_tls = false);

  // Called after the handshake; forgets everything that the client said before it.
  void secured();

 private:
  [[nodiscard]] bool must_wait_for_tls() const {
    return policy_.tls_required && !policy_.secure;
  }

  [[nodiscard]] std::string capabilities(bool offers_tls) const;
  Pop3LoginStep user(std::string_view name);
  Pop3LoginStep pass(std::string_view secret);
  static Pop3LoginStep apop(std::string_view argument);
  Pop3LoginStep auth(std::string_view argument);
  Pop3LoginStep follow(SaslStep step);

  Pop3LoginPolicy policy_;
  std::string user_;
  std::optional<SaslExchange> exchange_;
};

}  // namespace reqmail::proto
