// AUTH of qmail-smtpd: the settings from its arguments and environment, and the check of a
// login.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "mail/verdict_codec.h"
#include "proto/smtp_auth.h"
#include "sys/env.h"

namespace reqmail::smtpd {

struct SmtpdLogin {
  proto::SmtpAuthPolicy policy;
  std::vector<std::string> checker;  // program and arguments; empty if there is none
};

// The variables of a connection's environment that concern logins.
struct LoginEnvironment {
  std::optional<std::string> wanted;      // SMTPAUTH
  bool required = false;                  // REQUIRE_AUTH
  bool in_clear = false;                  // FORCETLS or ALLOW_INSECURE_AUTH
  bool user_is_sender = false;            // FORCEAUTHMAILFROM
  std::optional<std::string> local_host;  // TCPLOCALHOST
};

LoginEnvironment login_environment();

// Derives the settings from `arguments`, without argv[0], which are "CHECKER ARGUMENT..." or
// "HOST CHECKER ARGUMENT...". `me` is the value of control/me.
SmtpdLogin smtpd_login(const std::vector<std::string>& arguments,
                       const LoginEnvironment& environment,
                       const std::optional<std::string>& me);

// Runs the checker on the credentials and logs the result on standard error. A refusal returns
// after a delay of five seconds.
mail::LoginVerdict judge_login(const std::vector<std::string>& checker,
                               const proto::SaslCredentials& credentials, base::Seconds limit);

// Sets the variables of qmail-queue for a client that may relay: RELAYCLIENT is empty, and if
// the client has logged in, the user name is in TCPREMOTEINFO and the SMTPAUTH variables.
void set_relaying_variables(sys::Environment& environment,
                            const std::optional<proto::SmtpAuth::Identity>& identity);

}  // namespace reqmail::smtpd
