// AUTH of qmail-smtpd: what arguments and environment ask for, and the check of a login.
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
  std::vector<std::string> checker;  // a program and its arguments; empty: none
};

// What the environment of a connection says about logins.
struct LoginEnvironment {
  std::optional<std::string> wanted;      // SMTPAUTH
  bool required = false;                  // REQUIRE_AUTH
  bool in_clear = false;                  // FORCETLS or ALLOW_INSECURE_AUTH
  bool user_is_sender = false;            // FORCEAUTHMAILFROM
  std::optional<std::string> local_host;  // TCPLOCALHOST
};

LoginEnvironment login_environment();

// `arguments` without argv[0]: "CHECKER ARGUMENT..." or "HOST CHECKER ARGUMENT...". `me`:
// control/me.
SmtpdLogin smtpd_login(const std::vector<std::string>& arguments,
                       const LoginEnvironment& environment,
                       const std::optional<std::string>& me);

// Has the checker judge the credentials, and logs the result on standard error. A refusal takes
// five seconds more.
mail::LoginVerdict judge_login(const std::vector<std::string>& checker,
                               const proto::SaslCredentials& credentials, base::Seconds limit);

// Sets the variables of qmail-queue for a client that may relay: RELAYCLIENT empty, and who it
// is if it has logged in.
void set_relaying_variables(sys::Environment& environment,
                            const std::optional<proto::SmtpAuth::Identity>& identity);

}  // namespace reqmail::smtpd
