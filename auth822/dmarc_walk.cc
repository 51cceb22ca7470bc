#include "auth822/dmarc_walk.h"

#include <algorithm>
#include <string_view>
#include <vector>

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

bool knows_record_at(const std::string& domain, KnownFacts& facts) {
  return facts.find(RecordType::txt, policy_name(domain)) != nullptr;
}

std::optional<DmarcRecord> dmarc_record_at(const std::string& domain, const KnownFacts& facts) {
  const DnsFacts* const found = facts.look(RecordType::txt, policy_name(domain));
  return found == nullptr ? std::nullopt : find_dmarc_record(found->texts);
}

DmarcWalk walk_from(const std::string& domain, KnownFacts& facts) {
  DmarcWalk walk;
  walk.organization = domain;
  const auto names = names_of_walk(domain);
  // All are asked for at once; which of them count is decided afterwards.
  for (const std::string& name : names) {
    const DnsFacts* const found = facts.find(RecordType::txt, policy_name(name));
    walk.known = walk.known && found != nullptr;
  }
  if (!walk.known) {
    return walk;
  }
  std::optional<std::string> below;
  for (const std::string& name : names) {
    if (facts.find(RecordType::txt, policy_name(name))->status == DnsStatus::temporary) {
      walk.failed = true;
      return walk;
    }
    const auto record = dmarc_record_at(name, facts);
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

}  // namespace reqmail::auth822
