#include "smtpd/environment.h"

#include <unistd.h>

#include "base/number.h"
#include "base/text.h"
#include "listen/network_peer.h"
#include "listen/tls_wish.h"
#include "smtpd/files.h"
#include "sys/env.h"

namespace reqmail::smtpd {

namespace {

// Returns the number in a variable, 0 if it has none; nullopt if the variable is not set.
std::optional<std::uint64_t> number(const char* variable) {
  const auto value = sys::environment_value(variable);
  if (!value) {
    return std::nullopt;
  }
  return base::leading_number(*value).value_or(0);
}

// Returns the words of a variable; nullopt if it is not set.
std::optional<std::vector<std::string>> words(const char* variable) {
  const auto value = sys::environment_value(variable);
  if (!value) {
    return std::nullopt;
  }
  std::vector<std::string> found;
  for (const std::string_view word : base::split(*value, ' ')) {
    if (!word.empty()) {
      found.emplace_back(word);
    }
  }
  return found;
}

LimitEnvironment limit_environment() {
  LimitEnvironment limits;
  limits.max_recipients = number("MAXRECIPIENTS");
  if (sys::environment_value("DISABLE_MAXRCPT")) {
    limits.max_recipients = 0;
  }
  limits.max_bad_recipients = number("BRTLIMIT");
  limits.tarpit_count = number("TARPITCOUNT");
  if (const auto seconds = number("TARPITDELAY")) {
    limits.tarpit_delay = session_seconds(*seconds);
  }
  if (const auto wanted = number("REJECTNULLSENDERS")) {
    limits.null_senders_denied = *wanted > 0;
  }
  return limits;
}

GreetDelay greet_delay() {
  auto value = sys::environment_value("SMTPD_GREETDELAY");
  if (!value) {
    value = sys::environment_value("GREETDELAY");
  }
  GreetDelay delay;
  if (!value) {
    return delay;
  }
  const bool negative = value->starts_with('-');
  const std::string_view digits = std::string_view(*value).substr(negative ? 1 : 0);
  delay.time = session_seconds(base::leading_number(digits).value_or(0));
  delay.drops_early_talkers = negative || number("DROP_PRE_GREET").value_or(0) > 0 ||
                              sys::environment_value("DROPRUSHGREET").has_value();
  return delay;
}

}  // namespace

ClientEnvironment client_environment() {
  ClientEnvironment client;
  client.peer = listen::network_peer();
  client.databytes = number("DATABYTES");
  client.relay_suffix = sys::environment_value("RELAYCLIENT");
  return client;
}

SmtpdEnvironment smtpd_environment() {
  SmtpdEnvironment environment;
  environment.client = client_environment();
  const mail::NetworkPeer& peer = environment.client.peer;
  environment.ends = {sys::environment_value("TCPLOCALIP").value_or(""),
                      sys::environment_value("TCPLOCALPORT").value_or(""),
                      peer.remote_ip,
                      sys::environment_value("TCPREMOTEPORT").value_or(""),
                      peer.remote_host,
                      static_cast<std::uint64_t>(::getpid())};
  environment.login = login_environment();
  environment.sender_checks = sender_check_environment();
  environment.denied = deny_environment();
  environment.recipients = recipient_environment();
  environment.limits = limit_environment();
  environment.greet_delay = greet_delay();
  environment.milters = words("MILTERS");
  environment.policy_services = words("SMTPDPOLICY");
  const listen::ListenerTlsWish wish = listen::listener_tls_wish();
  environment.tls_required = wish == listen::ListenerTlsWish::required;
  environment.tls_forbidden = listen::tls_is_forbidden();
  environment.tls_choices = listen::tls_choices();
  return environment;
}

void set_dsn_variable(sys::Environment& environment, const mail::DsnRequest& request) {
  environment.unset("QMAILDSN");
  if (!request.empty()) {
    environment.set("QMAILDSN", mail::dsn_text(request));
  }
}

}  // namespace reqmail::smtpd
