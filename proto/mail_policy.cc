#include "proto/mail_policy.h"

#include <iterator>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/envelope.h"
#include "mail/idna.h"
#include "proto/list_checks.h"
#include "proto/recipient_checks.h"

namespace reqmail::proto {

namespace {

using Phase = PolicyPhase;

Ruling tls_comes_first(const MailPolicySettings& settings, const PolicyFacts& facts,
                       Answers /*answers*/) {
  if (settings.tls_required && !facts.encrypted) {
    return refusal(RefusalKind::tls_first);
  }
  return Accepted();
}

Ruling login_comes_first(const MailPolicySettings& settings, const PolicyFacts& facts,
                         Answers /*answers*/) {
  if (settings.login_required && !facts.user) {
    return refusal(RefusalKind::login_first);
  }
  return Accepted();
}

Ruling sender_is_the_user(const MailPolicySettings& settings, const PolicyFacts& facts,
                          Answers /*answers*/) {
  // The name of the user may have U-labels, where the sender has A-labels.
  if (settings.user_is_sender && facts.user && !base::equal_ci(facts.sender, *facts.user) &&
      !base::equal_ci(facts.sender, mail::line_in_a_labels(*facts.user))) {
    return refusal(RefusalKind::not_the_user);
  }
  return Accepted();
}

bool is_too_large(const MailPolicySettings& settings, std::uint64_t size) {
  return settings.databytes > 0 && size > settings.databytes;
}

Ruling announced_size_fits(const MailPolicySettings& settings, const PolicyFacts& facts,
                           Answers /*answers*/) {
  if (facts.announced_size && is_too_large(settings, *facts.announced_size)) {
    return refusal(RefusalKind::too_large);
  }
  return Accepted();
}

Question about_sender(const PolicyFacts& facts) {
  return {.about = Question::About::sender,
          .mailbox = std::string(facts.sender),
          .helo = std::string(facts.helo.value_or(""))};
}

// Applies `judge` to what the DNS says about the sender. A question that could not be answered
// is not a reason to refuse, since errors of the DNS are part of the findings.
template <typename Judge>
Ruling by_findings(const PolicyFacts& facts, Answers answers, Judge judge) {
  if (answers.empty()) {
    return about_sender(facts);
  }
  const Result<Answer>& answer = answers.front();
  return answer ? judge(answer->sender) : Ruling(Accepted());
}

Ruling sender_domain_exists(const MailPolicySettings& settings, const PolicyFacts& facts,
                            Answers answers) {
  if (!settings.sender_checks.domain || relay_suffix(settings, facts)) {
    return Accepted();
  }
  return by_findings(facts, answers, [](const SenderFindings& findings) -> Ruling {
    switch (findings.domain) {
    case mail::SenderDomain::exists:
      break;
    case mail::SenderDomain::missing:
      return refusal(RefusalKind::no_such_sender_domain);
    case mail::SenderDomain::refuses_mail:
      return refusal(RefusalKind::sender_domain_refuses_mail);
    case mail::SenderDomain::unknown:
      return refusal(RefusalKind::sender_domain_unknown);
    }
    return Accepted();
  });
}

Ruling spf_is_known(const MailPolicySettings& settings, const PolicyFacts& facts,
                    Answers answers) {
  if (!settings.sender_checks.spf || relay_suffix(settings, facts)) {
    return Accepted();
  }
  return by_findings(facts, answers, [&](const SenderFindings& findings) -> Ruling {
    if (findings.spf == mail::SpfWord::temperror &&
        settings.sender_checks.spf_level >= kSpfRefusesTrouble) {
      return refusal(RefusalKind::spf_unknown);
    }
    return Accepted();
  });
}

// Returns the value of spfbehavior from which on a result is refused; nullopt if it never is.
std::optional<std::uint64_t> refusing_level(mail::SpfWord word) {
  switch (word) {
  case mail::SpfWord::fail:
    return kSpfRefusesFail;
  case mail::SpfWord::softfail:
    return kSpfRefusesSoftfail;
  case mail::SpfWord::neutral:
    return kSpfRefusesNeutral;
  case mail::SpfWord::none:
  case mail::SpfWord::permerror:
    return kSpfRefusesAllButPass;
  case mail::SpfWord::pass:
  case mail::SpfWord::temperror:
    break;
  }
  return std::nullopt;
}

Ruling spf_allows_client(const MailPolicySettings& settings, const PolicyFacts& facts,
                         Answers answers) {
  if (settings.sender_checks.spf_level < kSpfRefusesFail || relay_suffix(settings, facts)) {
    return Accepted();
  }
  return by_findings(facts, answers, [&](const SenderFindings& findings) -> Ruling {
    const auto level = refusing_level(findings.spf);
    if (level && settings.sender_checks.spf_level >= *level) {
      return refusal(RefusalKind::spf_refused, findings.spf_explanation);
    }
    return Accepted();
  });
}

// Makes the session ask the lists at MAIL, together with its other questions to the DNS.
Ruling lists_are_asked(const MailPolicySettings& settings, const PolicyFacts& facts,
                       Answers answers) {
  if (!settings.sender_checks.lists || relay_suffix(settings, facts)) {
    return Accepted();
  }
  return by_findings(facts, answers,
                     [](const SenderFindings& /*findings*/) -> Ruling { return Accepted(); });
}

Ruling by_lists(const ListVerdict& verdict) {
  switch (verdict.word) {
  case ListVerdict::Word::delay:
    return refusal(RefusalKind::listed_for_now, verdict.text);
  case ListVerdict::Word::reject:
    return refusal(RefusalKind::listed, verdict.text);
  case ListVerdict::Word::pass:
  case ListVerdict::Word::ignore:
  case ListVerdict::Word::accept:
    break;
  }
  return Accepted();
}

Ruling client_is_not_listed(const MailPolicySettings& settings, const PolicyFacts& facts,
                            Answers answers) {
  const SenderCheckSettings& checks = settings.sender_checks;
  if ((!checks.lists && !checks.listed) || relay_suffix(settings, facts)) {
    return Accepted();
  }
  if (checks.listed) {
    return by_lists(*checks.listed);
  }
  return by_findings(facts, answers,
                     [](const SenderFindings& findings) { return by_lists(findings.lists); });
}

Refusal not_listed(const PolicyFacts& facts) {
  if (!facts.verify_error) {
    return refusal(RefusalKind::not_listed);
  }
  const std::string_view why = *facts.verify_error;
  return refusal(RefusalKind::not_listed, base::concat({"; no valid cert for gatewaying",
                                                        why.empty() ? "" : ": ", why}));
}

// An address without a domain belongs to this host.
Ruling domain_is_listed(const MailPolicySettings& settings, const PolicyFacts& facts,
                        Answers answers) {
  if (relay_suffix(settings, facts)) {
    return Accepted();
  }
  const mail::AddressParts parts = mail::split_address(facts.recipient);
  if (!parts.has_domain) {
    return Accepted();
  }
  if (answers.empty()) {
    return Question{.about = Question::About::listed_domain,
                    .domain = std::string(parts.domain)};
  }
  const Result<Answer>& listed = answers.front();
  if (!listed) {
    return refusal_for(listed.error());
  }
  return listed->yes ? Ruling(Accepted()) : Ruling(not_listed(facts));
}

Ruling envelope_has_room(const MailPolicySettings& settings, const PolicyFacts& facts,
                         Answers /*answers*/) {
  const std::string_view suffix = relay_suffix(settings, facts).value_or("");
  const std::uint64_t size = facts.envelope_size +
                             mail::record_size(facts.recipient.size() + suffix.size()) +
                             mail::kNul.size();
  if ((settings.max_recipients > 0 && facts.recipients >= settings.max_recipients) ||
      size > mail::kNetworkEnvelopeMax) {
    return refusal(RefusalKind::too_many_recipients);
  }
  return Accepted();
}

Ruling message_does_not_loop(const MailPolicySettings& /*settings*/, const PolicyFacts& facts,
                             Answers /*answers*/) {
  return facts.too_many_hops ? Ruling(refusal(RefusalKind::looping)) : Ruling(Accepted());
}

Ruling message_fits(const MailPolicySettings& settings, const PolicyFacts& facts,
                    Answers /*answers*/) {
  return is_too_large(settings, facts.message_size) ? Ruling(refusal(RefusalKind::too_large))
                                                    : Ruling(Accepted());
}

Ruling message_is_there(const MailPolicySettings& /*settings*/, const PolicyFacts& facts,
                        Answers /*answers*/) {
  return facts.message_is_lost ? Ruling(refusal(RefusalKind::not_held)) : Ruling(Accepted());
}

// Asks filters or services, whose answer is the ruling. A missing answer does not refuse, since
// the caller decides what an error of a service means.
Ruling by_others(bool wanted, const Question& question, Answers answers) {
  if (!wanted) {
    return Accepted();
  }
  if (answers.empty()) {
    return question;
  }
  const Result<Answer>& answer = answers.front();
  return answer && answer->refusal ? Ruling(*answer->refusal) : Ruling(Accepted());
}

Ruling srs_address_is_genuine(const MailPolicySettings& settings, const PolicyFacts& facts,
                              Answers answers) {
  const bool concerns =
      !settings.srs_domain.empty() &&
      base::equal_ci(mail::split_address(facts.recipient).domain, settings.srs_domain);
  return by_others(concerns,
                   {.about = Question::About::srs_address,
                    .mailbox = std::string(facts.recipient),
                    .sender = std::string(facts.sender)},
                   answers);
}

Ruling filters_take_sender(const MailPolicySettings& settings, const PolicyFacts& facts,
                           Answers answers) {
  return by_others(settings.content_filters,
                   {.about = Question::About::filters_on_sender,
                    .mailbox = std::string(facts.sender),
                    .parameters = std::string(facts.parameters)},
                   answers);
}

Ruling filters_take_recipient(const MailPolicySettings& settings, const PolicyFacts& facts,
                              Answers answers) {
  return by_others(settings.content_filters,
                   {.about = Question::About::filters_on_recipient,
                    .mailbox = std::string(facts.recipient),
                    .parameters = std::string(facts.parameters)},
                   answers);
}

Ruling filters_take_data(const MailPolicySettings& settings, const PolicyFacts& /*facts*/,
                         Answers answers) {
  return by_others(settings.content_filters, {.about = Question::About::filters_on_data},
                   answers);
}

Ruling services_take_recipient(const MailPolicySettings& settings, const PolicyFacts& facts,
                               Answers answers) {
  return by_others(settings.policy_services && !relay_suffix(settings, facts),
                   {.about = Question::About::services_on_recipient,
                    .mailbox = std::string(facts.recipient)},
                   answers);
}

Ruling services_do_not_defer(const MailPolicySettings& settings, const PolicyFacts& facts,
                             Answers answers) {
  return by_others(settings.policy_services && !relay_suffix(settings, facts),
                   {.about = Question::About::services_at_last}, answers);
}

constexpr PolicyCheck kSmtpChecks[] = {
    {Phase::auth, tls_comes_first},
    {Phase::mail, tls_comes_first},
    {Phase::mail, login_comes_first},
    {Phase::mail, sender_is_the_user},
    {Phase::mail, announced_size_fits},
    {Phase::mail, null_sender_is_welcome},
    {Phase::mail, sender_domain_exists},
    {Phase::mail, spf_is_known},
    {Phase::mail, lists_are_asked},
    {Phase::mail, filters_take_sender},
    {Phase::rcpt, helo_is_welcome},
    {Phase::rcpt, sender_is_welcome},
    {Phase::rcpt, domain_is_listed},
    {Phase::rcpt, spf_allows_client},
    {Phase::rcpt, client_is_not_guessing},
    {Phase::rcpt, recipient_is_welcome},
    {Phase::rcpt, recipient_has_no_control_characters},
    {Phase::rcpt, envelope_has_room},
    {Phase::rcpt, srs_address_is_genuine},
    {Phase::rcpt, recipient_exists},
    {Phase::rcpt, client_is_not_listed},
    {Phase::rcpt, services_take_recipient},
    {Phase::rcpt, filters_take_recipient},
    {Phase::rcpt, services_do_not_defer},
    {Phase::data, filters_take_data},
    {Phase::end_of_data, message_does_not_loop},
    {Phase::end_of_data, message_fits},
    {Phase::end_of_data, message_is_there},
};

constexpr PolicyCheck kQmtpChecks[] = {
    {Phase::rcpt, envelope_has_room},
    {Phase::rcpt, domain_is_listed},
    {Phase::end_of_data, message_fits},
};

constexpr PolicyCheck kQmqpChecks[] = {
    {Phase::rcpt, envelope_has_room},
};

}  // namespace

std::span<const PolicyCheck> smtp_checks() {
  return kSmtpChecks;
}

std::span<const PolicyCheck> qmtp_checks() {
  return kQmtpChecks;
}

std::span<const PolicyCheck> qmqp_checks() {
  return kQmqpChecks;
}

Ruling MailPolicy::judge(PolicyPhase phase, const PolicyFacts& facts) {
  phase_ = phase;
  next_ = 0;
  answers_.clear();
  log_.clear();
  return go_on(facts);
}

Ruling MailPolicy::answer(Result<Answer> answer, const PolicyFacts& facts) {
  answers_.push_back(std::move(answer));
  return go_on(facts);
}

void MailPolicy::add_to_log(std::vector<std::string>& lines) {
  log_.insert(log_.end(), std::make_move_iterator(lines.begin()),
              std::make_move_iterator(lines.end()));
  lines.clear();
}

Ruling MailPolicy::go_on(const PolicyFacts& facts) {
  for (; next_ < checks_.size(); ++next_, answers_.clear()) {
    const PolicyCheck& check = checks_[next_];
    if (check.phase != phase_) {
      continue;
    }
    Ruling ruling = check.judge(settings_, facts, answers_);
    if (auto* refused = std::get_if<Refusal>(&ruling)) {
      add_to_log(refused->log);
    }
    auto* accepted = std::get_if<Accepted>(&ruling);
    if (accepted == nullptr) {
      return ruling;
    }
    add_to_log(accepted->log);
  }
  return Accepted();
}

std::optional<std::string_view> relay_suffix(const MailPolicySettings& settings,
                                             const PolicyFacts& facts) {
  if (facts.user || facts.certified) {
    return std::string_view();
  }
  if (settings.relay_suffix) {
    return std::string_view(*settings.relay_suffix);
  }
  return std::nullopt;
}

}  // namespace reqmail::proto
