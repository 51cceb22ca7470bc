// The policy services of an SMTP session (control/smtpdpolicy). Each is asked about each
// recipient, over one connection for the session.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "filter/policy_answer.h"
#include "filter/policy_request.h"
#include "filter/service_line.h"
#include "net/socket_connection.h"
#include "proto/question.h"
#include "proto/refusals.h"
#include "proto/smtp_server.h"
#include "smtpd/filter_peer.h"
#include "smtpd/message_check.h"

namespace reqmail::smtpd {

class PolicyServices final : public MessageCheck {
 public:
  PolicyServices(const std::vector<filter::ServiceLine>& lines, FilterPeer peer);

  [[nodiscard]] bool any() const { return !services_.empty(); }

  // Returns the services' refusal of a recipient; nullopt if none refuses it, or if those that
  // refuse it do so only if nobody else does.
  std::optional<proto::Refusal> on_recipient(const proto::Question& question,
                                             const proto::SmtpServer& session);

  // Returns the refusal of the last recipient that applies if nobody else has refused it.
  [[nodiscard]] const std::optional<proto::Refusal>& deferral() const { return deferral_; }

  // Returns the fields for the top of the current message.
  [[nodiscard]] std::string fields() const;

  MessageInterest begin(const proto::SmtpServer& session) override;

  void take(std::string_view /*block*/) override {}

  MessageVerdict judge(HeldMessage& message, proto::SmtpEnvelope& envelope) override;

  void abandon() override {}

 private:
  struct Service {
    filter::ServiceLine line;
    std::unique_ptr<net::SocketConnection> connection = nullptr;
    bool failed = false;
  };

  [[nodiscard]] filter::PolicyRequest request(const proto::Question& question,
                                              const proto::SmtpServer& session) const;
  void begin_transaction(const proto::SmtpServer& session);
  std::optional<proto::Refusal> ask(Service& service, const std::string& request);
  Result<filter::PolicyAction> exchange(Service& service, const std::string& request);
  std::optional<proto::Refusal> follow(Service& service, const filter::PolicyAction& action);
  std::optional<proto::Refusal> fallback(const Service& service) const;

  FilterPeer peer_;
  std::vector<Service> services_;
  // The number of the current transaction.
  std::uint64_t transaction_ = 0;
  std::string instance_;
  // In the order in which they were named.
  std::vector<std::string> fields_;
  bool discarded_ = false;
  std::optional<proto::Refusal> deferral_;
};

}  // namespace reqmail::smtpd
