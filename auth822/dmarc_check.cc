#include "auth822/dmarc_check.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace reqmail::auth822 {

namespace {

// RFC 9989 section 4.10: a walk has at most eight questions.
constexpr std::size_t kWalkMax = 8;

std::string policy_name(std::string_view domain) {
  return base::concat({"_dmarc.", domain});
}

// The names of a walk: the domain itself, then its parents; of a long one the last seven labels
// and their parents.
std::vector<std::string> names_of_walk(const std::string& domain) {
  std::vector<std::string> names = {domain};
  std::string_view rest = domain;
  auto labels = static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '.')) + 1;
  while (labels > 1) {
    do {
      rest.remove_prefix(rest.find('.') + 1);
      --labels;
    } while (labels >= kWalkMax);
    names.emplace_back(rest);
  }
  return names;
}

}  // namespace

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

std::optional<DmarcRecord> DmarcCheck::record_at(const std::string& domain) const {
  const DnsFacts* const found = facts_.look(RecordType::txt, policy_name(domain));
  return found == nullptr ? std::nullopt : find_dmarc_record(found->texts);
}

DmarcCheck::Walk DmarcCheck::walk(const std::string& domain) {
  Walk walk;
  walk.organization = domain;
  const auto names = names_of_walk(domain);
  // All are asked for at once; which of them count is decided afterwards.
  for (const std::string& name : names) {
    const DnsFacts* const found = facts_.find(RecordType::txt, policy_name(name));
    walk.known = walk.known && found != nullptr;
  }
  if (!walk.known) {
    return walk;
  }
  std::optional<std::string> below;
  for (const std::string& name : names) {
    if (facts_.find(RecordType::txt, policy_name(name))->status == DnsStatus::temporary) {
      walk.failed = true;
      return walk;
    }
    const auto record = record_at(name);
    if (record && record->suffix == PublicSuffix::no) {
      walk.organization = name;
      return walk;
    }
    if (record && record->suffix == PublicSuffix::yes) {
      walk.suffix = name;
      walk.organization = below.value_or(name);
      return walk;
    }
    if (record) {
      walk.organization = name;
    }
    below = name;
  }
  return walk;
}

std::optional<bool> DmarcCheck::aligned(const DmarcIdentity& identity, bool strict,
                                        const Walk& author) {
  const std::string& domain = *request_.author.domain;
  const std::string other = question(RecordType::txt, identity.domain).name;
  if (other == domain) {
    return true;
  }
  if (strict || !is_domain(other)) {
    return false;
  }
  const Walk theirs = walk(other);
  if (!theirs.known) {
    return std::nullopt;
  }
  if (theirs.failed || author.failed) {
    uncertain_ = true;
    return false;
  }
  return theirs.organization == author.organization;
}

std::optional<bool> DmarcCheck::any_aligned(const DmarcRecord& record, const Walk& author,
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
    result.word = AuthWord::permerror;
    result.why = request_.author.problem;
    return result;
  }
  const std::string& author = *request_.author.domain;
  const Walk walk = this->walk(author);
  if (!walk.known) {
    return std::nullopt;
  }
  if (walk.failed && !record_at(author)) {
    result.word = AuthWord::temperror;
    result.why = "policy could not be looked up";
    return result;
  }
  for (const std::string& domain : {author, walk.organization, walk.suffix.value_or("")}) {
    if (auto record = domain.empty() ? std::nullopt : record_at(domain)) {
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
