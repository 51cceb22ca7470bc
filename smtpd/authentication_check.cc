#include "smtpd/authentication_check.h"

#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/auth_results.h"
#include "mail/quoted_string.h"
#include "smtpd/dmarc_log.h"
#include "smtpd/log.h"

namespace reqmail::smtpd {

namespace {

using judge::DmarcAdvice;
using judge::DmarcMode;

constexpr std::string_view kResultsName = "Authentication-Results";
constexpr std::string_view kDispositionName = "X-DMARC-Disposition";

std::string pair(std::string_view key, std::string_view word) {
  return word.empty() ? std::string() : base::concat({" ", key, "=", word});
}

}  // namespace

AuthenticationCheck::AuthenticationCheck(AuthenticationFiles files, SenderChecks& senders,
                                         const std::string& client)
    : files_(std::move(files)), senders_(senders), client_(base::IpAddress::parse(client)) {
  log_lines(files_.faults);
}

MessageInterest AuthenticationCheck::begin(const proto::SmtpServer& session) {
  if (!files_.dkim && !senders_.checks_spf() && !files_.removes_forged) {
    return MessageInterest::none;
  }
  relaying_ = session.relays();
  const auto& identity = session.auth().identity();
  user_ = identity ? std::optional(identity->user) : std::nullopt;
  if (judges_messages()) {
    judge::MessageRequest request;
    request.dmarc = files_.dmarc;
    request.exempt = client_ && files_.exemptions.has_client(*client_);
    request.exempt_authors = files_.exemptions.author_domains;
    request.trusted_sealers = files_.trusted_sealers;
    senders_.judge().begin_message(request);
  }
  return MessageInterest::held;
}

void AuthenticationCheck::take(std::string_view block) {
  if (judges_messages()) {
    senders_.judge().take_piece(block);
  }
}

void AuthenticationCheck::abandon() {
  if (judges_messages()) {
    senders_.judge().give_up_message();
  }
}

// A field that a filter of this host has added or changed is not the sender's.
bool AuthenticationCheck::is_forged(const mail::HeaderText::Field& field) const {
  if (field.added) {
    return false;
  }
  if (base::equal_ci(field.name, kDispositionName)) {
    return files_.dmarc != DmarcMode::off;
  }
  if (!base::equal_ci(field.name, kResultsName)) {
    return false;
  }
  const auto service = mail::authserv_id(field.raw.substr(field.raw.find(':') + 1));
  return service && base::equal_ci(*service, files_.service);
}

MessageVerdict AuthenticationCheck::judge(HeldMessage& message,
                                          proto::SmtpEnvelope& /*envelope*/) {
  message.header().remove_if([this](const auto& field) { return is_forged(field); });
  judge::MessageAnswer answer;
  if (judges_messages()) {
    answer = senders_.judge().end_message();
    append_dmarc_line(answer.line);
    if (auto refusal = refusal_of(answer)) {
      return {.refusal = std::move(refusal)};
    }
    if (answer.advice == DmarcAdvice::quarantine) {
      message.header().put_on_top(base::concat({kDispositionName, ": quarantine\n"}));
    }
  }
  const bool on = files_.dkim || senders_.checks_spf();
  if (on && (!relaying_ || user_)) {
    message.header().put_on_top(mail::auth_results_field(files_.service, results_of(answer)));
  }
  return {.findings = relaying_ ? std::string() : findings_of(answer)};
}

std::optional<proto::Refusal> AuthenticationCheck::refusal_of(
    const judge::MessageAnswer& answer) const {
  if (files_.dmarc == DmarcMode::off) {
    return std::nullopt;
  }
  switch (answer.advice) {
  case DmarcAdvice::accept:
  case DmarcAdvice::quarantine:
    break;
  case DmarcAdvice::reject:
    return proto::refusal(proto::RefusalKind::dmarc_rejects,
                          base::concat({"sorry, the DMARC policy of ", answer.policy_domain,
                                        " rejects this message"}));
  case DmarcAdvice::no_author:
    if (files_.dmarc == DmarcMode::reject) {
      return proto::refusal(proto::RefusalKind::no_single_author);
    }
    break;
  case DmarcAdvice::malformed_author:
    if (files_.dmarc == DmarcMode::reject) {
      return proto::refusal(proto::RefusalKind::malformed_author);
    }
    break;
  case DmarcAdvice::unknown:
    if (files_.errors_refuse) {
      return proto::refusal(proto::RefusalKind::dmarc_unknown);
    }
    break;
  }
  return std::nullopt;
}

std::vector<std::string> AuthenticationCheck::results_of(
    const judge::MessageAnswer& answer) const {
  if (user_) {
    return {files_.show_user ? "auth=pass smtp.auth=" + mail::quoted_string(*user_)
                             : "auth=pass"};
  }
  std::vector<std::string> results;
  if (!senders_.spf_text().empty()) {
    results.push_back(senders_.spf_text());
  }
  results.insert(results.end(), answer.results.begin(), answer.results.end());
  if (judges_messages() && answer.results.empty()) {
    // There was no qmail-mailauth to ask.
    results.emplace_back("dkim=temperror");
    if (files_.dmarc != DmarcMode::off) {
      results.emplace_back("dmarc=temperror");
    }
  }
  return results;
}

std::string AuthenticationCheck::findings_of(const judge::MessageAnswer& answer) const {
  std::string findings = pair("spf", senders_.spf_word());
  if (judges_messages()) {
    findings += pair("dkim", answer.dkim) + pair("arc", answer.arc);
    const bool lost = answer.results.empty() && files_.dmarc != DmarcMode::off;
    findings += pair("dmarc", lost ? std::string_view("temperror") : answer.dmarc);
  }
  return findings;
}

}  // namespace reqmail::smtpd
