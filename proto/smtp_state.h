// The state of an SMTP session. This is part of proto/smtp_server, whose verbs
// (proto/smtp_verbs) read and change it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "mail/dsn.h"
#include "proto/mail_policy.h"
#include "proto/smtp_auth.h"
#include "proto/smtp_security.h"
#include "proto/smtp_server_settings.h"

namespace reqmail::proto {

// A Received field shows at most this many bytes of a HELO name.
inline constexpr std::size_t kHeloMax = 255;

// The envelope of one message.
struct SmtpEnvelope {
  std::string sender;
  std::string compared_sender;  // with A-labels, as the policy sees it
  bool utf8 = false;            // MAIL had SMTPUTF8
  std::string recipients;       // each followed by NUL
  std::uint64_t recipient_count = 0;
  std::uint64_t announced_size = 0;  // 0 if MAIL had no SIZE
  mail::DsnRequest dsn = {};         // the reports that the client asks for

  // Returns the number of bytes that its records take (mail::record_size()).
  [[nodiscard]] std::uint64_t size() const;
};

struct SmtpState {
  explicit SmtpState(SmtpServerSettings settings);

  void forget_transaction();

  // Returns the facts about client and transaction for the policy.
  [[nodiscard]] PolicyFacts facts() const;

  // Returns the suffix of recipients if every recipient is accepted, else nullopt.
  [[nodiscard]] std::optional<std::string_view> relay_suffix() const;

  // These last for the whole session.
  std::string greeting;
  std::optional<std::string> own_host;
  bool ipv6_literals;
  AnnouncedExtensions extensions;
  SmtpAuth auth;
  MailPolicy policy;
  std::optional<SmtpSecurity> security;
  std::optional<std::string> helo;
  bool speaks_esmtp = false;       // the client has said EHLO
  std::uint64_t transactions = 0;  // number of transactions so far
  unsigned unknown_in_a_row = 0;
  std::uint64_t bad_recipients = 0;
  Tarpit tarpit;
  // These last for one transaction.
  bool in_transaction = false;
  SmtpEnvelope envelope;
  std::uint64_t recipients_named = 0;  // including refused ones
  std::size_t dsn_bytes = 0;           // what envelope.dsn takes in the queue
  std::uint64_t queue_process = 0;
};

}  // namespace reqmail::proto
