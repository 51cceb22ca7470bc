// AUTH within an SMTP session (RFC 4954), the server's side: whether it is offered, its
// exchange, and the identity that the client has proved. This is part of proto/smtp_server.
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

// The longest line of an exchange (RFC 4954 section 4) in bytes, without its line end.
inline constexpr std::size_t kAuthLineMax = 12288;
// This many refused logins end the session.
inline constexpr unsigned kAuthFailuresMax = 5;

struct SmtpAuthPolicy {
  bool known = false;  // AUTH was configured in some way; otherwise it is an unknown command
  bool plain_and_login = false;
  bool cram_md5 = false;
  bool required = false;        // MAIL is not allowed before AUTH
  bool in_clear = false;        // AUTH is offered without TLS too
  bool user_is_sender = false;  // MAIL may only name the user's own address
  std::string host;             // the host name in challenges
};

// Parses the value of SMTPAUTH, without regard to case: "-" and "0" mean no login; "+cram"
// means LOGIN, PLAIN and CRAM-MD5; "cram" means CRAM-MD5 alone; everything else means LOGIN and
// PLAIN. A "!" before the value means that a login is required.
SmtpAuthPolicy smtp_auth_policy(std::string_view value);

// What follows from a line; exactly one of the members is set.
struct SmtpAuthStep {
  std::optional<std::string> prompt = std::nullopt;  // the text after the code 334
  std::optional<SaslCredentials> check = std::nullopt;
  std::optional<RefusalKind> refusal = std::nullopt;
};

class SmtpAuth {
 public:
  explicit SmtpAuth(SmtpAuthPolicy policy) : policy_(std::move(policy)) {}

  [[nodiscard]] const SmtpAuthPolicy& policy() const { return policy_; }

  // Returns what EHLO announces, such as "AUTH LOGIN PLAIN"; empty if AUTH is not announced.
  [[nodiscard]] std::string keyword(bool encrypted) const;

  // The mechanism that an AUTH command names, or the reason why the command is refused.
  using Choice = std::variant<SaslMechanism, RefusalKind>;

  [[nodiscard]] Choice choose(std::string_view argument, bool encrypted) const;

  // Begins the exchange of the mechanism with the argument of AUTH. `random` becomes part of
  // the challenge.
  SmtpAuthStep begin(SaslMechanism mechanism, std::string_view argument,
                     std::string_view random);

  // Returns whether the next line belongs to the exchange instead of being a command.
  [[nodiscard]] bool in_exchange() const { return exchange_.has_value(); }

  SmtpAuthStep answer(std::string_view line);

  // Records the result of the check of the credentials. Returns nullopt if the client is logged
  // in.
  std::optional<RefusalKind> checked(const SaslCredentials& credentials,
                                     mail::LoginVerdict verdict);

  // Returns whether the session must end because of refused logins.
  [[nodiscard]] bool too_many_failures() const { return failures_ >= kAuthFailuresMax; }

  [[nodiscard]] unsigned failures() const { return failures_; }

  void set_failures(unsigned count) { failures_ = count; }

  // The identity that the client has proved.
  struct Identity {
    std::string user;
    SaslMechanism mechanism;
  };

  [[nodiscard]] const std::optional<Identity>& identity() const { return identity_; }

  // Forgets everything that was proved before TLS began.
  void forget();

 private:
  SmtpAuthStep follow(SaslStep step);

  SmtpAuthPolicy policy_;
  std::optional<SaslExchange> exchange_;
  std::optional<Identity> identity_;
  unsigned failures_ = 0;
};

}  // namespace reqmail::proto
