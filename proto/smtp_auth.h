// AUTH within an SMTP session (RFC 4954), the server's side: whether it is offered, its
// exchange, and who the client has proved to be. Part of proto/smtp_server.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "mail/verdict_codec.h"
#include "proto/refusals.h"
#include "proto/sasl.h"

namespace reqmail::proto {

// The longest line of an exchange (RFC 4954 section 4), line end excluded.
inline constexpr std::size_t kAuthLineMax = 12288;
// So many refused logins end the session.
inline constexpr unsigned kAuthFailuresMax = 5;

struct SmtpAuthPolicy {
  bool known = false;  // somebody spoke of AUTH; else it is an unknown command
  bool plain_and_login = false;
  bool cram_md5 = false;
  bool required = false;        // no MAIL before AUTH
  bool in_clear = false;        // without TLS as well
  bool user_is_sender = false;  // MAIL takes the user's own address only
  std::string host;             // of challenges
};

// Reads SMTPAUTH, without regard to case: "-" and "0" mean no login; "+cram" means LOGIN,
// PLAIN and CRAM-MD5; "cram" CRAM-MD5; the same after "!" and required; all else LOGIN and
// PLAIN.
SmtpAuthPolicy smtp_auth_policy(std::string_view value);

// One of the three is there.
struct SmtpAuthStep {
  std::optional<std::string> prompt = std::nullopt;  // after the code 334
  std::optional<SaslCredentials> check = std::nullopt;
  std::optional<RefusalKind> refusal = std::nullopt;
};

class SmtpAuth {
 public:
  explicit SmtpAuth(SmtpAuthPolicy policy) : policy_(std::move(policy)) {}

  [[nodiscard]] const SmtpAuthPolicy& policy() const { return policy_; }

  // Returns what EHLO announces, such as "AUTH LOGIN PLAIN"; empty if AUTH is not announced.
  [[nodiscard]] std::string keyword(bool encrypted) const;

  // The mechanism that an AUTH command names, or why the command is refused.
  using Choice = std::variant<SaslMechanism, RefusalKind>;

  [[nodiscard]] Choice choose(std::string_view argument, bool encrypted) const;

  // Begins the exchange of the mechanism with the argument of AUTH. `random` makes the
  // challenge.
  SmtpAuthStep begin(SaslMechanism mechanism, std::string_view argument,
                     std::string_view random);

  // Whether the next line is no command but belongs to the exchange.
  [[nodiscard]] bool in_exchange() const { return exchange_.has_value(); }

  SmtpAuthStep answer(std::string_view line);

  // Notes what the check of the credentials has shown. nullopt: the client is logged in.
  std::optional<RefusalKind> checked(const SaslCredentials& credentials,
                                     mail::LoginVerdict verdict);

  // So many logins were refused that the session ends.
  [[nodiscard]] bool too_many_failures() const { return failures_ >= kAuthFailuresMax; }

  [[nodiscard]] unsigned failures() const { return failures_; }

  void set_failures(unsigned count) { failures_ = count; }

  // Whom the client has proved to be.
  struct Identity {
    std::string user;
    SaslMechanism mechanism;
  };

  [[nodiscard]] const std::optional<Identity>& identity() const { return identity_; }

  // Forgets everything that was proved over a connection in clear.
  void forget();

 private:
  SmtpAuthStep follow(SaslStep step);

  SmtpAuthPolicy policy_;
  std::optional<SaslExchange> exchange_;
  std::optional<Identity> identity_;
  unsigned failures_ = 0;
};

}  // namespace reqmail::proto
