// The POP3 login that qmail-popup does, as a state machine: command lines in, replies and
// actions out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/sasl.h"

namespace reqmail::proto {

// How a client proves who it is.
enum class Pop3Method { pass, apop, plain };

// "pass", "apop", "plain": as logs show it.
std::string_view pop3_method_name(Pop3Method method);

// What a checker is given: for APOP `secret` is the digest.
struct Pop3Credentials {
  std::string user;
  std::string secret;
  Pop3Method method = Pop3Method::pass;
};

struct Pop3LoginStep {
  std::string reply;
  std::optional<Pop3Credentials> check;  // run the checker, no reply yet
  bool quit = false;                     // send the reply, then end
  bool start_tls = false;                // no reply yet: prepare TLS, then say how that went
};

struct Pop3LoginPolicy {
  bool tls_required = false;  // no name and no password in clear
  bool secure = false;        // TLS is spoken already
  bool apop = true;           // the greeting has a timestamp
};

class Pop3Login {
 public:
  explicit Pop3Login(const Pop3LoginPolicy& policy = {}) : policy_(policy) {}

  // A command line without its LF. `offers_tls`: whether STLS (RFC 2595) can be had now, for as
  // long as TLS is not spoken. In TLS there is AUTH PLAIN (RFC 5034).
  Pop3LoginStep handle(std::string_view line, bool offers_tls = false);

  // The handshake is done: all that was said before is forgotten.
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
