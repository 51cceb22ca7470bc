// The milters and policy services of an SMTP session: from files and environment to the answers
// that the policy asks for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "filter/service_line.h"
#include "proto/question.h"
#include "proto/refusals.h"
#include "proto/smtp_server.h"
#include "smtpd/environment.h"
#include "smtpd/files.h"
#include "smtpd/filter_peer.h"
#include "smtpd/milters.h"
#include "smtpd/policy_services.h"

namespace reqmail::smtpd {

struct FilterLines {
  std::vector<filter::ServiceLine> milters;
  std::vector<filter::ServiceLine> policy_services;
};

// Those of the environment, else those of the files. A message about each line that makes no
// sense is appended to `faults`.
FilterLines filter_lines(const SmtpdFiles& files, const SmtpdEnvironment& environment,
                         std::vector<std::string>& faults);

FilterPeer filter_peer(const SmtpdFiles& files, const SmtpdEnvironment& environment);

class SessionFilters {
 public:
  SessionFilters(const FilterLines& lines, const FilterPeer& peer)
      : milters_(lines.milters, peer), policy_services_(lines.policy_services, peer) {}

  [[nodiscard]] Milters& milters() { return milters_; }

  [[nodiscard]] PolicyServices& policy_services() { return policy_services_; }

  // Whether a question is for them. Without services the policy asks none.
  static bool answers(const proto::Question& question);

  // How the sender, recipient or message is refused; nullopt if it is not.
  std::optional<proto::Refusal> answer(const proto::Question& question,
                                       const proto::SmtpServer& session);

  // Switches the questions on that there are services for.
  void set(proto::MailPolicySettings& settings) const;

 private:
  Milters milters_;
  PolicyServices policy_services_;
};

}  // namespace reqmail::smtpd
