// The authentication of a message (Authentication-Results): DKIM, ARC and DMARC, which
// qmail-mailauth judges while the message arrives, and SPF, which is judged at MAIL. Fields
// with which the message arrived and that claim to be ours are removed, and our own is added at
// the top. What milters have added or changed stays.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "judge/message_protocol.h"
#include "proto/smtp_auth.h"
#include "smtpd/authentication_files.h"
#include "smtpd/message_check.h"
#include "smtpd/sender_checks.h"

namespace reqmail::smtpd {

class AuthenticationCheck final : public MessageCheck {
 public:
  // `senders` must outlive the check. `client` is TCPREMOTEIP.
  AuthenticationCheck(AuthenticationFiles files, SenderChecks& senders,
                      const std::string& client);

  MessageInterest begin(const proto::SmtpServer& session) override;
  void take(std::string_view block) override;
  MessageVerdict judge(HeldMessage& message, proto::SmtpEnvelope& envelope) override;
  void abandon() override;

 private:
  [[nodiscard]] bool judges_messages() const { return files_.dkim && !relaying_; }

  [[nodiscard]] bool is_forged(const mail::HeaderText::Field& field) const;
  [[nodiscard]] std::optional<proto::Refusal> refusal_of(
      const judge::MessageAnswer& answer) const;
  [[nodiscard]] std::vector<std::string> results_of(const judge::MessageAnswer& answer) const;
  [[nodiscard]] std::string findings_of(const judge::MessageAnswer& answer) const;

  AuthenticationFiles files_;
  SenderChecks& senders_;
  std::optional<base::IpAddress> client_;
  // These concern the current message.
  bool relaying_ = false;
  std::optional<std::string> user_;
};

}  // namespace reqmail::smtpd
