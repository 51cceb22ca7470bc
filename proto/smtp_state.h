// What an SMTP session knows and has come to. Part of proto/smtp_server, whose verbs
// (proto/smtp_verbs) read and change it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "proto/mail_policy.h"
#include "proto/smtp_auth.h"
#include "proto/smtp_security.h"

namespace reqmail::proto {

// A Received line shows at most so many bytes of a HELO name.
inline constexpr std::size_t kHeloMax = 255;

struct SmtpServerSettings {
  std::string greeting;                 // control/smtpgreeting
  std::optional<std::string> own_host;  // control/localiphost: takes the place of our addresses
  bool enhanced_status_codes = false;   // control/enhancedstatuscodes: EHLO announces them
  SmtpAuthPolicy auth;
  // What `auth` requires counts in the policy too.
  MailPolicySettings policy;
  // Each RCPT of a transaction after so many is answered after the delay; 0: none is.
  std::uint64_t tarpit_count = 0;
  base::Seconds tarpit_delay{0};
};

// The envelope of one message.
struct SmtpEnvelope {
  std::string sender;
  std::string recipients;  // each followed by NUL
  std::uint64_t recipient_count = 0;
  std::uint64_t announced_size = 0;  // 0: MAIL did not say

  // The bytes that its records take (mail::record_size).
  [[nodiscard]] std::uint64_t size() const;
};

struct SmtpState {
  explicit SmtpState(SmtpServerSettings settings);

  void forget_transaction();

  // All that is known of client and transaction, for the policy.
  [[nodiscard]] PolicyFacts facts() const;

  // The suffix of recipients if every recipient is accepted.
  [[nodiscard]] std::optional<std::string_view> relay_suffix() const;

  // Of the whole session.
  std::string greeting;
  std::optional<std::string> own_host;
  bool enhanced_status_codes;
  SmtpAuth auth;
  MailPolicy policy;
  std::optional<SmtpSecurity> security;
  std::optional<std::string> helo;
  bool speaks_esmtp = false;       // it has said EHLO, not HELO
  std::uint64_t transactions = 0;  // begun so far
  unsigned unknown_in_a_row = 0;
  std::uint64_t bad_recipients = 0;
  std::uint64_t tarpit_count = 0;
  base::Seconds tarpit_delay{0};
  // Of a transaction.
  bool in_transaction = false;
  SmtpEnvelope envelope;
  std::uint64_t recipients_named = 0;  // refused ones too
  std::uint64_t queue_process = 0;
};

}  // namespace reqmail::proto
