#include "smtpd/smtpd_config.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/number.h"
#include "control/known.h"
#include "control/reader.h"
#include "listen/ucspi_tls.h"
#include "smtpd/log.h"
#include "smtpd/login.h"
#include "sys/env.h"

namespace reqmail::smtpd {

namespace {

// Longer than any session; keeps milliseconds within the range of poll(2)'s argument.
constexpr std::uint64_t kTimeoutMax = 1'000'000;

Result<std::uint64_t> number_or(const std::string& path, std::uint64_t fallback) {
  auto number = control::read_number(path);
  if (!number) {
    return number.error();
  }
  return number->value_or(fallback);
}

// control/smtpgreeting and control/localiphost, and control/me behind both.
Result<void> load_names(proto::SmtpServerSettings& settings, std::optional<std::string>& me) {
  auto defaults = control::Defaults::load();
  if (!defaults) {
    return defaults.error();
  }
  me = defaults->me();
  auto greeting = defaults->line_or_me("control/smtpgreeting");
  if (!greeting) {
    return greeting.error();
  }
  if (!*greeting) {
    return temporary("neither control/smtpgreeting nor control/me");
  }
  settings.greeting = std::move(**greeting);
  auto own_host = defaults->line_or_me("control/localiphost");
  if (!own_host) {
    return own_host.error();
  }
  settings.own_host = std::move(*own_host);
  return {};
}

Result<void> load_limits(SmtpdConfig& config) {
  auto timeout = number_or("control/timeoutsmtpd", control::default_number("timeoutsmtpd"));
  if (!timeout) {
    return timeout.error();
  }
  const std::uint64_t seconds = std::clamp<std::uint64_t>(*timeout, 1, kTimeoutMax);
  config.timeout = base::Seconds(static_cast<std::int64_t>(seconds));
  auto databytes = number_or("control/databytes", control::default_number("databytes"));
  if (!databytes) {
    return databytes.error();
  }
  config.settings.databytes = *databytes;
  auto recipients = number_or("control/maxrcpt", control::default_number("maxrcpt"));
  if (!recipients) {
    return recipients.error();
  }
  config.settings.max_recipients = *recipients;
  return {};
}

Result<void> load_lists(SmtpdConfig& config) {
  auto bad_senders = control::read_lines("control/badmailfrom");
  if (!bad_senders) {
    return bad_senders.error();
  }
  if (*bad_senders) {
    config.settings.bad_senders = base::ConstMap::of_keys(**bad_senders);
  }
  auto hosts = RcptHosts::load();
  if (!hosts) {
    return hosts.error();
  }
  config.rcpthosts = std::move(*hosts);
  auto log = smtpd_log_is_wanted();
  if (!log) {
    return log.error();
  }
  config.log = *log;
  return {};
}

}  // namespace

Failure smtpd_controls_unreadable() {
  return temporary("unable to read controls (#4.3.0)");
}

Result<SmtpdConfig> load_smtpd_config(const std::vector<std::string>& arguments) {
  SmtpdConfig config;
  std::optional<std::string> me;
  if (!load_names(config.settings, me) || !load_limits(config) || !load_lists(config)) {
    return smtpd_controls_unreadable();
  }
  if (const auto limit = sys::environment_value("DATABYTES")) {
    config.settings.databytes = base::leading_number(*limit).value_or(0);
  }
  config.settings.tls_required =
      listen::listener_tls_wish() == listen::ListenerTlsWish::required;
  config.settings.relay_suffix = sys::environment_value("RELAYCLIENT");
  SmtpdLogin login = load_smtpd_login(arguments, me);
  config.settings.auth = std::move(login.policy);
  config.checker = std::move(login.checker);
  return config;
}

}  // namespace reqmail::smtpd
