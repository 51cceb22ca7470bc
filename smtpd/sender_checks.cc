#include "smtpd/sender_checks.h"

#include <utility>

#include "base/text.h"
#include "mail/address.h"
#include "mail/fold.h"
#include "smtpd/log.h"

namespace reqmail::smtpd {

namespace {

judge::SessionSettings session_settings(const SenderCheckFiles& files, std::string own_name,
                                        const std::string& client) {
  judge::SessionSettings settings;
  settings.receiver = std::move(own_name);
  settings.client = client;
  settings.spf_rules = files.spf_rules;
  settings.spf_guess = files.spf_guess;
  settings.spf_explanation = files.spf_explanation;
  settings.seconds = static_cast<std::uint64_t>(files.limit.count());
  return settings;
}

// Returns whether the domain of the address is a name that can be looked up, and not an address
// literal.
bool has_domain_name(const std::string& address) {
  const mail::AddressParts parts = mail::split_address(address);
  return parts.has_domain && !parts.domain.starts_with('[');
}

}  // namespace

SenderChecks::SenderChecks(SenderCheckFiles files, std::string own_name,
                           const std::string& client)
    : files_(std::move(files)),
      client_(base::IpAddress::parse(client)),
      judge_(session_settings(files_, std::move(own_name), client), files_.limit,
             std::move(files_.judge)) {
  if (!client_) {
    files_.settings.spf = files_.settings.lists = false;
    files_.settings.spf_level = 0;
  }
  log_lines(files_.faults);
}

proto::SenderFindings SenderChecks::answer(const proto::Question& question) {
  if (!asked_ || asked_->mailbox != question.mailbox || asked_->helo != question.helo) {
    ask(question);
    asked_ = question;
  }
  return findings_;
}

void SenderChecks::ask(const proto::Question& question) {
  judge::SenderRequest request;
  request.sender = question.mailbox;
  request.helo = question.helo;
  request.domain = files_.settings.domain && has_domain_name(question.mailbox);
  request.spf = files_.settings.spf;
  const bool lists = files_.settings.lists && !lists_;
  if (lists) {
    for (const proto::DnsList& list : files_.lists) {
      request.lists.push_back(list_query(list, *client_));
    }
  }
  findings_ = {};
  received_spf_.clear();
  spf_text_.clear();
  if (request.domain || request.spf || lists) {
    judge::SenderAnswer answer = judge_.ask(request);
    if (request.domain) {
      findings_.domain = answer.domain;
    }
    if (request.spf) {
      findings_.spf = answer.spf;
      findings_.spf_explanation = std::move(answer.explanation);
      received_spf_ = std::move(answer.received_spf);
      spf_text_ = answer.result.empty() ? "spf=temperror" : std::move(answer.result);
    }
    if (lists) {
      judge_lists(answer.lists);
    }
  }
  findings_.lists = lists_.value_or(files_.settings.listed.value_or(proto::ListVerdict()));
}

void SenderChecks::judge_lists(const std::vector<mail::ListFinding>& findings) {
  auto outcome = proto::judge_lists(files_.lists, findings, *client_, files_.errors_refuse);
  for (const proto::ListNote& note : outcome.notes) {
    log_lines({base::concat({"rbl: ip=", client_->text(), " query=", note.query,
                             " result=", note.word, " message='", note.text, "'"})});
  }
  lists_ = std::move(outcome.verdict);
}

std::string SenderChecks::fields() const {
  const bool wanted = files_.settings.spf_level > 0 && !received_spf_.empty();
  return wanted ? mail::folded(received_spf_) : std::string();
}

std::string_view SenderChecks::spf_word() const {
  return spf_text_.empty() ? std::string_view() : mail::spf_word(findings_.spf);
}

void SenderChecks::set_variables(sys::Environment& environment) const {
  if (asked_ && files_.settings.spf_level > 0) {
    environment.set("SPFRESULT", mail::spf_word(findings_.spf));
  }
  if (lists_ || files_.settings.listed) {
    environment.set("RBLRESULT",
                    list_word(lists_ ? lists_->word : files_.settings.listed->word));
  }
}

}  // namespace reqmail::smtpd
