#include "smtpd/session_settings.h"

#include <utility>

#include "smtpd/denied_peers.h"

namespace reqmail::smtpd {

proto::SmtpServerSettings server_settings(const SmtpdFiles& files,
                                          const SmtpdEnvironment& environment,
                                          proto::SmtpAuthPolicy auth,
                                          const proto::SenderCheckSettings& sender_checks,
                                          proto::RecipientCheckSettings recipients,
                                          std::vector<std::string>& faults) {
  const LimitEnvironment& limits = environment.limits;
  proto::SmtpServerSettings settings;
  settings.greeting = files.greeting;
  settings.own_host = files.own_host.name;
  settings.ipv6_literals = files.own_host.ipv6_literals;
  settings.extensions = files.extensions;
  settings.policy.srs_domain = files.srs_domain;
  settings.policy.databytes = environment.client.databytes.value_or(files.limits.databytes);
  settings.policy.max_recipients = limits.max_recipients.value_or(files.limits.max_recipients);
  settings.policy.max_bad_recipients =
      limits.max_bad_recipients.value_or(files.limits.max_bad_recipients);
  settings.policy.null_senders_denied =
      limits.null_senders_denied.value_or(files.null_senders_denied);
  settings.policy.denied = denied_peers(files.denied, environment.denied, faults);
  settings.policy.recipient_checks = std::move(recipients);
  settings.policy.client_ip = environment.client.peer.remote_ip;
  settings.tarpit.count = limits.tarpit_count.value_or(files.tarpit.count);
  settings.tarpit.delay = limits.tarpit_delay.value_or(files.tarpit.delay);
  settings.policy.relay_suffix = environment.client.relay_suffix;
  settings.auth = std::move(auth);
  settings.policy.tls_required = environment.tls_required;
  settings.policy.sender_checks = sender_checks;
  return settings;
}

}  // namespace reqmail::smtpd
