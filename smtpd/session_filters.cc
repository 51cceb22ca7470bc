#include "smtpd/session_filters.h"

#include <span>
#include <string_view>

#include "base/ip_address.h"
#include "control/file_name.h"

namespace reqmail::smtpd {

namespace {

using About = proto::Question::About;

std::vector<filter::ServiceLine> services(const std::optional<std::vector<std::string>>& words,
                                          std::string_view variable,
                                          const std::vector<std::string>& lines,
                                          std::string_view file,
                                          std::span<const std::string_view> fallbacks,
                                          std::vector<std::string>& faults) {
  return words ? filter::parse_service_lines(*words, variable, fallbacks, faults)
               : filter::parse_service_lines(lines, file, fallbacks, faults);
}

}  // namespace

FilterLines filter_lines(const SmtpdFiles& files, const SmtpdEnvironment& environment,
                         std::vector<std::string>& faults) {
  return {services(environment.milters, "MILTERS", files.milters, control::path("smtpdmilters"),
                   filter::milter_fallbacks(), faults),
          services(environment.policy_services, "SMTPDPOLICY", files.policy_services,
                   control::path("smtpdpolicy"), filter::policy_fallbacks(), faults)};
}

FilterPeer filter_peer(const SmtpdFiles& files, const SmtpdEnvironment& environment) {
  const mail::NetworkPeer& peer = environment.client.peer;
  const bool known = base::IpAddress::parse(peer.remote_ip).has_value();
  return {files.me.value_or(files.greeting), peer.remote_host,
          known ? peer.remote_ip : std::string(), environment.ends.remote_port};
}

bool SessionFilters::answers(const proto::Question& question) {
  return question.about == About::filters_on_sender ||
         question.about == About::filters_on_recipient ||
         question.about == About::filters_on_data ||
         question.about == About::services_on_recipient ||
         question.about == About::services_at_last;
}

std::optional<proto::Refusal> SessionFilters::answer(const proto::Question& question,
                                                     const proto::SmtpServer& session) {
  if (question.about == About::filters_on_sender) {
    return milters_.on_mail(question, session);
  }
  if (question.about == About::filters_on_recipient) {
    return milters_.on_recipient(question);
  }
  if (question.about == About::filters_on_data) {
    return milters_.on_data();
  }
  return question.about == About::services_on_recipient
             ? policy_services_.on_recipient(question, session)
             : policy_services_.deferral();
}

void SessionFilters::set(proto::MailPolicySettings& settings) const {
  settings.content_filters = milters_.any();
  settings.policy_services = policy_services_.any();
}

}  // namespace reqmail::smtpd
