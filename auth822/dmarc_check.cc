#include "auth822/dmarc_check.h"

#include <algorithm>
#include <utility>

namespace reqmail::auth822 {

DmarcCheck::DmarcCheck(DmarcRequest request) : request_(std::move(request)) {
  evaluate();
}

void DmarcCheck::answer(const DnsQuestion& question, DnsFacts facts) {
  if (facts_.answer(question, std::move(facts)) && wants().empty()) {
    evaluate();
  }
}

void DmarcCheck::evaluate() {
  facts_.clear_wants();
  result_ = run();
  if (result_) {
    facts_.clear_wants();
  }
}

bool DmarcCheck::needs_organization(const DmarcRecord& record) const {
  const auto decides = [this](const DmarcIdentity& identity, bool strict) {
    return identity.word == AuthWord::pass && !strict &&
           question(RecordType::txt, identity.domain).name != *request_.author.domain;
  };
  return decides(request_.spf, record.strict_spf) ||
         std::any_of(request_.dkim.begin(), request_.dkim.end(), [&](const auto& identity) {
           return decides(identity, record.strict_dkim);
         });
}

std::optional<bool> DmarcCheck::aligned(const DmarcIdentity& identity, bool strict,
                                        const DmarcWalk& author) {
  const std::string& domain = *request_.author.domain;
  const std::string other = question(RecordType::txt, identity.domain).name;
  if (other == domain) {
    return true;
  }
  if (strict || !is_domain(other)) {
    return false;
  }
  const DmarcWalk theirs = walk_from(other, facts_);
  if (!theirs.known) {
    return std::nullopt;
  }
  if (theirs.failed || author.failed) {
    uncertain_ = true;
    return false;
  }
  return theirs.organization == author.organization;
}

std::optional<bool> DmarcCheck::any_aligned(const DmarcRecord& record, const DmarcWalk& author,
                                            DmarcResult& result) {
  bool known = true;
  for (const DmarcIdentity& identity : request_.dkim) {
    if (identity.word == AuthWord::pass) {
      const auto fits = aligned(identity, record.strict_dkim, author);
      known = known && fits;
      result.dkim_aligned = result.dkim_aligned || fits.value_or(false);
    }
  }
  if (request_.spf.word == AuthWord::pass) {
    const auto fits = aligned(request_.spf, record.strict_spf, author);
    known = known && fits;
    result.spf_aligned = fits.value_or(false);
  }
  if (!known) {
    return std::nullopt;
  }
  return result.dkim_aligned || result.spf_aligned;
}

std::optional<DmarcPolicy> DmarcCheck::policy(const DmarcRecord& record,
                                              const std::string& domain) {
  const std::string& author = *request_.author.domain;
  DmarcPolicy policy = record.policy;
  if (domain != author) {
    policy = record.subdomains.value_or(record.policy);
    if (record.nonexistent) {
      bool known = true;
      bool exists = false;
      for (const RecordType type : {RecordType::a, RecordType::aaaa, RecordType::mx}) {
        const DnsFacts* const found = facts_.find(type, author);
        known = known && found != nullptr;
        // A look-up that failed says nothing against the name.
        exists = exists || (found != nullptr && found->status != DnsStatus::nothing);
      }
      if (!known) {
        return std::nullopt;
      }
      policy = exists ? policy : *record.nonexistent;
    }
  }
  if (record.testing && policy != DmarcPolicy::none) {
    return policy == DmarcPolicy::reject ? DmarcPolicy::quarantine : DmarcPolicy::none;
  }
  return policy;
}

bool DmarcCheck::could_yet_pass() const {
  return request_.spf.word == AuthWord::temperror ||
         std::any_of(request_.dkim.begin(), request_.dkim.end(),
                     [](const auto& identity) { return identity.word == AuthWord::temperror; });
}

std::optional<DmarcResult> DmarcCheck::run() {
  DmarcResult result;
  if (!request_.author.domain) {
    result.word = request_.author.fault == Author::Fault::not_converted ? AuthWord::temperror
                                                                        : AuthWord::permerror;
    result.why = request_.author.problem;
    return result;
  }
  const std::string& author = *request_.author.domain;
  // Most authors have a policy of their own and what vouches for exactly their domain: one
  // question is enough then.
  if (!knows_record_at(author, facts_)) {
    return std::nullopt;
  }
  const auto own = dmarc_record_at(author, facts_);
  const DmarcWalk walk = own && !needs_organization(*own) ? DmarcWalk{.organization = author}
                                                          : walk_from(author, facts_);
  if (!walk.known) {
    return std::nullopt;
  }
  if (walk.failed && !own) {
    result.word = AuthWord::temperror;
    result.why = "policy could not be looked up";
    return result;
  }
  for (const std::string& domain : {author, walk.organization, walk.suffix.value_or("")}) {
    if (auto record = domain.empty() ? std::nullopt : dmarc_record_at(domain, facts_)) {
      result.record = std::move(record);
      result.policy_domain = domain;
      break;
    }
  }
  if (!result.record) {
    return result;
  }
  const auto aligned = any_aligned(*result.record, walk, result);
  const auto asked = policy(*result.record, result.policy_domain);
  if (!aligned || !asked) {
    return std::nullopt;
  }
  result.policy = *asked;
  result.word = *aligned ? AuthWord::pass : AuthWord::fail;
  if (!*aligned && (uncertain_ || could_yet_pass())) {
    result.word = AuthWord::temperror;
    result.why = "what could pass could not be looked up";
  }
  return result;
}

}  // namespace reqmail::auth822
