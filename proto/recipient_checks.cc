#include "proto/recipient_checks.h"

#include <cstddef>
#include <utility>

#include "base/ascii.h"
#include "base/number.h"
#include "base/terminal_text.h"
#include "base/text.h"
#include "mail/address.h"

namespace reqmail::proto {

namespace {

using Log = std::vector<std::string>;

constexpr std::string_view kCheckerName = "rcptcheck";

std::string_view name_of(RecipientSource source) {
  switch (source) {
  case RecipientSource::validrcptto:
    return "validrcptto";
  case RecipientSource::recipients:
    return "recipients";
  case RecipientSource::realrcptto:
    break;
  }
  return "realrcptto";
}

// Returns a line such as "validrcptto: accepted address <A> at IP".
std::string log_line(std::string_view who, std::string_view what,
                     const MailPolicySettings& settings, const PolicyFacts& facts) {
  return base::concat({who, ": ", what, " address <", base::peer_text(facts.recipient), "> at ",
                       base::peer_text(settings.client_ip)});
}

Refusal unknown_recipient(RecipientSource source, const RecipientCheckSettings& checks) {
  Refusal refused;
  switch (source) {
  case RecipientSource::validrcptto:
    refused = refusal(RefusalKind::not_in_validrcptto);
    break;
  case RecipientSource::recipients:
    refused = refusal(RefusalKind::not_in_recipients);
    if (checks.refuses_for_now) {
      refused.code = 450;
      refused.text = "sorry, no mailbox here by that name (#4.1.1)";
    }
    break;
  case RecipientSource::realrcptto:
    refused = refusal(RefusalKind::no_mailbox);
    if (checks.marks_chkuser) {
      refused.text += " (chkuser)";
    }
    break;
  }
  refused.bad_recipient = true;
  return refused;
}

Refusal with_log(Refusal refused, Log log) {
  refused.log = std::move(log);
  return refused;
}

// The answers of one call, which are used one after the other.
class Answered {
 public:
  explicit Answered(Answers answers) : answers_(answers) {}

  // Returns the next answer; null if it has not been asked for.
  const Result<Answer>* next() {
    return next_ < answers_.size() ? &answers_[next_++] : nullptr;
  }

 private:
  Answers answers_;
  std::size_t next_ = 0;
};

// Whether a source knows the recipient; or a Ruling, if it is decided already.
struct Known {
  bool found = false;
  std::optional<Ruling> ruling = std::nullopt;
};

Known ask_sources(const MailPolicySettings& settings, const PolicyFacts& facts,
                  Answered& answers, Log& log) {
  const RecipientCheckSettings& checks = settings.recipient_checks;
  for (const RecipientSource source : checks.sources) {
    const Result<Answer>* answer = answers.next();
    if (answer == nullptr) {
      return {false, Question{.about = Question::About::recipient,
                              .mailbox = std::string(facts.recipient),
                              .source = source}};
    }
    if (!*answer) {
      return {false, with_log(refusal_for(answer->error()), std::move(log))};
    }
    switch ((*answer)->opinion) {
    case Opinion::none:
      break;
    case Opinion::yes:
      log.push_back(log_line(name_of(source), "accepted", settings, facts));
      return {true, std::nullopt};
    case Opinion::no:
      log.push_back(log_line(name_of(source), "drop", settings, facts));
      return {false, with_log(unknown_recipient(source, checks), std::move(log))};
    case Opinion::unsure:
      log.push_back(base::concat({log_line(name_of(source), "unable to check", settings, facts),
                                  ": ", base::peer_text((*answer)->word)}));
      // A program that cannot tell whether a recipient exists defers it.
      if (source != RecipientSource::realrcptto || checks.defers_unsure) {
        return {false, with_log(refusal(RefusalKind::recipient_unsure), std::move(log))};
      }
      break;
    }
  }
  return {};
}

Ruling by_checker(const Result<Answer>& answer, const MailPolicySettings& settings,
                  const PolicyFacts& facts, Log log) {
  if (!answer) {
    return with_log(refusal(RefusalKind::checker_not_run), std::move(log));
  }
  if (!answer->said.empty()) {
    log.push_back(log_line(kCheckerName, "drop", settings, facts));
    return with_log(refusal_of_checker(answer->said), std::move(log));
  }
  Refusal refused;
  switch (answer->check) {
  case mail::RecipientCheck::accepted:
    log.push_back(log_line(kCheckerName, "accepted", settings, facts));
    return Accepted{std::move(log)};
  case mail::RecipientCheck::no_opinion:
    return Accepted{std::move(log)};
  case mail::RecipientCheck::refused:
    log.push_back(log_line(kCheckerName, "drop", settings, facts));
    refused = refusal(RefusalKind::checker_refused);
    refused.bad_recipient = true;
    break;
  case mail::RecipientCheck::unsure:
    refused = refusal(RefusalKind::checker_unsure);
    break;
  case mail::RecipientCheck::over_limit:
    refused = refusal(RefusalKind::checker_over_limit);
    break;
  case mail::RecipientCheck::not_run:
    refused = refusal(RefusalKind::checker_not_run);
    break;
  }
  return with_log(std::move(refused), std::move(log));
}

}  // namespace

Ruling recipient_exists(const MailPolicySettings& settings, const PolicyFacts& facts,
                        Answers answers) {
  const RecipientCheckSettings& checks = settings.recipient_checks;
  const bool relays = relay_suffix(settings, facts).has_value();
  Answered answered(answers);
  Log log;
  Known known;
  if (!relays) {
    known = ask_sources(settings, facts, answered, log);
    if (known.ruling) {
      return std::move(*known.ruling);
    }
  }
  if (!checks.has_checker || (relays && !checks.checks_for_relays)) {
    return Accepted{std::move(log)};
  }
  // For clients that may not relay, the domain is listed by now.
  bool listed = true;
  const mail::AddressParts parts = mail::split_address(facts.recipient);
  if (relays && parts.has_domain) {
    const Result<Answer>* answer = answered.next();
    if (answer == nullptr) {
      return Question{.about = Question::About::listed_domain,
                      .domain = std::string(parts.domain)};
    }
    if (!*answer) {
      return refusal_for(answer->error());
    }
    listed = (*answer)->yes;
  }
  const Result<Answer>* answer = answered.next();
  if (answer == nullptr) {
    return Question{.about = Question::About::checker,
                    .mailbox = std::string(facts.recipient),
                    .helo = std::string(facts.helo.value_or("")),
                    .sender = std::string(facts.sender),
                    .found = known.found,
                    .listed = listed};
  }
  return by_checker(*answer, settings, facts, std::move(log));
}

Refusal refusal_of_checker(std::string_view said) {
  constexpr std::size_t kCodeSize = 3;
  constexpr std::string_view kEndsSession = "421";
  const std::string_view line = base::trim_end(said.substr(0, said.find_first_of("\r\n")));
  const std::string_view code = line.substr(0, kCodeSize);
  const bool permanent = code.starts_with('5');
  if (base::leading_digits(code) != kCodeSize || (!permanent && !code.starts_with('4')) ||
      line.size() < kCodeSize + 2 || line[kCodeSize] != ' ') {
    return refusal(RefusalKind::checker_nonsense);
  }
  Refusal refused = refusal(RefusalKind::checker_refused);
  refused.code = static_cast<unsigned>(base::parse_u64(code).value_or(0));
  refused.text = base::peer_text(line.substr(kCodeSize + 1));
  refused.ends_session = code == kEndsSession;
  refused.bad_recipient = permanent;
  return refused;
}

}  // namespace reqmail::proto
