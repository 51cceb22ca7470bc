#include "smtpd/login.h"

#include <chrono>

#include "auth/checkpassword.h"
#include "base/number.h"
#include "listen/auth_log.h"
#include "sys/clock.h"
#include "sys/process.h"

namespace reqmail::smtpd {

namespace {

constexpr std::chrono::seconds kDelayAfterRefusal{5};

bool is_on(const char* variable) {
  const auto value = sys::environment_value(variable);
  return value && base::leading_number(*value).value_or(0) > 0;
}

// With older patches the name of the host was the argument before the checker.
bool is_host_name(const std::vector<std::string>& arguments,
                  const LoginEnvironment& environment, const std::optional<std::string>& me) {
  if (arguments.size() < 3) {
    return false;
  }
  const std::string& first = arguments.front();
  if (first.find('/') != std::string::npos) {
    return false;
  }
  const bool looks_like_one = first.find('.') != std::string::npos || (me && first == *me) ||
                              environment.local_host == first;
  return looks_like_one && !sys::is_program_in_path(first);
}

void log(std::string_view event, const proto::SaslCredentials& credentials) {
  listen::log_login("qmail-smtpd", event, proto::sasl_name(credentials.mechanism),
                    credentials.user);
}

}  // namespace

LoginEnvironment login_environment() {
  LoginEnvironment environment;
  environment.wanted = sys::environment_value("SMTPAUTH");
  environment.required = is_on("REQUIRE_AUTH");
  environment.in_clear =
      sys::environment_value("FORCETLS") == "0" || is_on("ALLOW_INSECURE_AUTH");
  environment.user_is_sender = is_on("FORCEAUTHMAILFROM");
  environment.local_host = sys::environment_value("TCPLOCALHOST");
  return environment;
}

SmtpdLogin smtpd_login(const std::vector<std::string>& arguments,
                       const LoginEnvironment& environment,
                       const std::optional<std::string>& me) {
  SmtpdLogin login;
  const auto& wanted = environment.wanted;
  if (arguments.empty() && !wanted && !environment.required) {
    return login;
  }
  const bool old_form = is_host_name(arguments, environment, me);
  login.checker.assign(arguments.begin() + (old_form ? 1 : 0), arguments.end());
  if (wanted) {
    login.policy = proto::smtp_auth_policy(*wanted);
  } else if (environment.required || old_form) {
    login.policy = proto::smtp_auth_policy("");
  }
  login.policy.known = true;
  login.policy.required = login.policy.required || environment.required;
  if (login.checker.empty()) {
    login.policy.plain_and_login = login.policy.cram_md5 = false;
  }
  login.policy.in_clear = environment.in_clear;
  login.policy.user_is_sender = environment.user_is_sender;
  login.policy.host = me ? *me : environment.local_host.value_or("unknown");
  return login;
}

mail::LoginVerdict judge_login(const std::vector<std::string>& checker,
                               const proto::SaslCredentials& credentials, base::Seconds limit) {
  const mail::LoginVerdict verdict = auth::check_password(
      checker, {credentials.user, credentials.secret, credentials.challenge}, limit);
  if (verdict == mail::LoginVerdict::accepted) {
    log("auth-success", credentials);
  } else if (verdict == mail::LoginVerdict::refused) {
    log("auth-failed", credentials);
    sys::pause_for(kDelayAfterRefusal);
  }
  return verdict;
}

void set_relaying_variables(sys::Environment& environment,
                            const std::optional<proto::SmtpAuth::Identity>& identity) {
  environment.set("RELAYCLIENT", "");
  if (identity) {
    environment.set("TCPREMOTEINFO", listen::shown_user(identity->user));
    environment.set("SMTPAUTHUSER", identity->user);
    environment.set("SMTP_AUTH_USER", identity->user);
    environment.set("SMTPAUTHMETHOD", proto::sasl_name(identity->mechanism));
  }
}

}  // namespace reqmail::smtpd
