// The milters and policy services of an SMTP session, from control files and environment to the
// answers for the policy.
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

// Returns the lines of the environment, or else those of the files. Appends a message about
// each malformed line to `faults`.
FilterLines filter_lines(const SmtpdFiles& files, const SmtpdEnvironment& environment,
                         std::vector<std::string>& faults);

FilterPeer filter_peer(const SmtpdFiles& files, const SmtpdEnvironment& environment);

class SessionFilters {
 public:
  SessionFilters(const FilterLines& lines, const FilterPeer& peer)
      : milters_(lines.milters, peer), policy_services_(lines.policy_services, peer) {}

  [[nodiscard]] Milters& milters() { return milters_; }

  [[nodiscard]] PolicyServices& policy_services() { return policy_services_; }

  // Returns whether a question is for filters or services. Without services the policy asks
  // none.
  static bool answers(const proto::Question& question);

  // Returns the refusal of the sender, recipient or message; nullopt if there is none.
  std::optional<proto::Refusal> answer(const proto::Question& question,
                                       const proto::SmtpServer& session);

  // Switches on the questions for which there are services.
  void set(proto::MailPolicySettings& settings) const;

 private:
  Milters milters_;
  PolicyServices policy_services_;
};

}  // namespace reqmail::smtpd
