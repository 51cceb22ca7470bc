#include "proto/smtp_state.h"

#include <utility>

#include "mail/envelope.h"

namespace reqmail::proto {

namespace {

MailPolicySettings policy_settings(SmtpServerSettings& settings) {
  MailPolicySettings policy = std::move(settings.policy);
  policy.login_required = policy.login_required || settings.auth.required;
  policy.user_is_sender = policy.user_is_sender || settings.auth.user_is_sender;
  return policy;
}

}  // namespace

// The stored recipients have no letters before them, unlike records of the envelope.
std::uint64_t SmtpEnvelope::size() const {
  return mail::record_size(sender.size()) + recipients.size() + recipient_count;
}

SmtpState::SmtpState(SmtpServerSettings settings)
    : greeting(std::move(settings.greeting)),
      own_host(std::move(settings.own_host)),
      ipv6_literals(settings.ipv6_literals),
      extensions(settings.extensions),
      auth(settings.auth),
      policy(policy_settings(settings), smtp_checks()),
      tarpit(settings.tarpit) {}

void SmtpState::forget_transaction() {
  in_transaction = false;
  envelope = SmtpEnvelope();
  recipients_named = 0;
  dsn_bytes = 0;
  queue_process = 0;
}

PolicyFacts SmtpState::facts() const {
  PolicyFacts facts;
  facts.encrypted = security.has_value();
  if (auth.identity()) {
    facts.user = auth.identity()->user;
  }
  if (security) {
    facts.certified = security->client.has_value();
    if (security->client_verify_error) {
      facts.verify_error = *security->client_verify_error;
    }
  }
  if (helo) {
    facts.helo = *helo;
  }
  facts.bad_recipients = bad_recipients;
  facts.sender = envelope.compared_sender;
  facts.recipients = envelope.recipient_count;
  facts.envelope_size = envelope.size();
  return facts;
}

std::optional<std::string_view> SmtpState::relay_suffix() const {
  return proto::relay_suffix(policy.settings(), facts());
}

}  // namespace reqmail::proto
