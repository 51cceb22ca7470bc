#include "auth822/spf_evaluation.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/terminal_text.h"
#include "base/text.h"

namespace reqmail::auth822 {

namespace {

SpfWord word_of(SpfQualifier qualifier) {
  switch (qualifier) {
  case SpfQualifier::pass:
    return SpfWord::pass;
  case SpfQualifier::fail:
    return SpfWord::fail;
  case SpfQualifier::softfail:
    return SpfWord::softfail;
  case SpfQualifier::neutral:
    break;
  }
  return SpfWord::neutral;
}

// Only a name of several labels can have a record; an address literal is no name.
bool can_have_record(std::string_view domain) {
  return is_domain(domain) && !domain.starts_with('[') &&
         domain.substr(0, domain.size() - 1).find('.') != std::string_view::npos;
}

std::vector<std::string_view> records_in(const DnsFacts& facts) {
  std::vector<std::string_view> records;
  for (const std::string& text : facts.texts) {
    if (is_spf_record(text)) {
      records.emplace_back(text);
    }
  }
  return records;
}

// Macros bring bytes of peers into a text that becomes part of a reply.
std::string shown(std::string_view text) {
  return base::terminal_safe(text.substr(0, kSpfExplanationMax), '?');
}

}  // namespace

SpfEvaluation::SpfEvaluation(const SpfRequest& request, KnownFacts& facts)
    : request_(request), facts_(facts), domain_(spf_domain(request)) {}

std::optional<SpfResult> SpfEvaluation::run() {
  auto published = judge(false);
  if (!published || (request_.rules.empty() && request_.guess.empty())) {
    return published;
  }
  auto result = judge(true);
  if (result) {
    result->published = published->word;
  }
  return result;
}

std::optional<SpfResult> SpfEvaluation::judge(bool local) {
  local_ = local;
  terms_ = voids_ = 0;
  const Word word = can_have_record(domain_) ? check_host(domain_, Level::top) : SpfWord::none;
  if (!word) {
    return std::nullopt;
  }
  SpfResult result;
  result.word = result.published = *word;
  result.local_policy = local_decided_;
  result.lookups = terms_;
  if (*word != SpfWord::pass && *word != SpfWord::temperror) {
    auto text = *word == SpfWord::fail ? explanation() : default_explanation();
    if (!text) {
      return std::nullopt;
    }
    result.explanation = shown(*text);
  }
  return result;
}

SpfEvaluation::Word SpfEvaluation::check_host(const std::string& domain, Level level) {
  const DnsFacts* const found = facts_.find(RecordType::txt, domain);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (found->status == DnsStatus::temporary) {
    return SpfWord::temperror;
  }
  const auto records = records_in(*found);
  if (records.size() > 1) {
    return SpfWord::permerror;
  }
  if (records.empty()) {
    const auto guess = local_ && level == Level::top && !request_.guess.empty()
                           ? parse_spf_rules(request_.guess)
                           : std::nullopt;
    if (!guess) {
      return SpfWord::none;
    }
    local_decided_ = true;
    return apply(*guess, domain, Level::rules);
  }
  const auto record = parse_spf_record(records.front());
  return record ? apply(*record, domain, level) : SpfWord::permerror;
}

SpfEvaluation::Word SpfEvaluation::apply(const SpfRecord& record, const std::string& domain,
                                         Level level) {
  if (level == Level::top) {
    explanation_spec_ = record.explanation;
    explanation_domain_ = domain;
  }
  for (const SpfDirective& directive : record.directives) {
    switch (match(directive, domain)) {
    case Match::yes:
      return directive.mechanism == SpfMechanism::all
                 ? unless_rules_match(word_of(directive.qualifier), domain, level)
                 : word_of(directive.qualifier);
    case Match::temperror:
      return SpfWord::temperror;
    case Match::permerror:
      return SpfWord::permerror;
    case Match::unknown:
      return std::nullopt;
    case Match::no:
      break;
    }
  }
  return record.redirect ? redirect(*record.redirect, domain, level)
                         : unless_rules_match(SpfWord::neutral, domain, level);
}

SpfEvaluation::Word SpfEvaluation::redirect(const std::string& spec, const std::string& domain,
                                            Level level) {
  if (too_many_terms()) {
    return SpfWord::permerror;
  }
  const auto target = expanded_domain(spec, domain);
  if (!target) {
    return std::nullopt;
  }
  const Word word = check_host(*target, level);
  return word == SpfWord::none ? SpfWord::permerror : word;
}

SpfEvaluation::Word SpfEvaluation::unless_rules_match(SpfWord word, const std::string& domain,
                                                      Level level) {
  if (!local_ || level != Level::top || word == SpfWord::pass || request_.rules.empty()) {
    return word;
  }
  const auto rules = parse_spf_rules(request_.rules);
  if (!rules) {
    return word;
  }
  // Our own rules have limits of their own, so that they cannot make a record fail.
  terms_ = voids_ = 0;
  for (const SpfDirective& directive : rules->directives) {
    const Match found = match(directive, domain);
    if (found == Match::unknown) {
      return std::nullopt;
    }
    if (found == Match::yes) {
      local_decided_ = true;
      return word_of(directive.qualifier);
    }
  }
  return word;
}

SpfEvaluation::Match SpfEvaluation::match(const SpfDirective& directive,
                                          const std::string& domain) {
  switch (directive.mechanism) {
  case SpfMechanism::all:
    return Match::yes;
  case SpfMechanism::ip4:
  case SpfMechanism::ip6:
    return in_network({directive.network}, directive) ? Match::yes : Match::no;
  case SpfMechanism::include:
  case SpfMechanism::a:
  case SpfMechanism::mx:
  case SpfMechanism::ptr:
  case SpfMechanism::exists:
    break;
  }
  return too_many_terms() ? Match::permerror : match_named(directive, domain);
}

SpfEvaluation::Match SpfEvaluation::match_named(const SpfDirective& directive,
                                                const std::string& domain) {
  const auto name = directive.domain_spec.empty()
                        ? std::optional(domain)
                        : expanded_domain(directive.domain_spec, domain);
  if (!name) {
    return Match::unknown;
  }
  switch (directive.mechanism) {
  case SpfMechanism::include:
    return match_include(*name);
  case SpfMechanism::a:
    return match_addresses(directive, *name);
  case SpfMechanism::mx:
    return match_exchangers(directive, *name);
  case SpfMechanism::ptr:
    return match_names(*name);
  case SpfMechanism::exists:
  case SpfMechanism::all:
  case SpfMechanism::ip4:
  case SpfMechanism::ip6:
    break;
  }
  return match_existence(*name);
}

SpfEvaluation::Match SpfEvaluation::match_include(const std::string& name) {
  const Word word = check_host(name, Level::include);
  if (!word) {
    return Match::unknown;
  }
  switch (*word) {
  case SpfWord::pass:
    return Match::yes;
  case SpfWord::fail:
  case SpfWord::softfail:
  case SpfWord::neutral:
    return Match::no;
  case SpfWord::temperror:
    return Match::temperror;
  case SpfWord::none:
  case SpfWord::permerror:
    break;
  }
  return Match::permerror;
}

SpfEvaluation::Match SpfEvaluation::match_addresses(const SpfDirective& directive,
                                                    const std::string& name) {
  Match trouble = Match::no;
  const DnsFacts* const found = counted_facts(address_type(), name, trouble);
  if (found == nullptr) {
    return trouble;
  }
  return in_network(found->addresses, directive) ? Match::yes : Match::no;
}

SpfEvaluation::Match SpfEvaluation::match_exchangers(const SpfDirective& directive,
                                                     const std::string& name) {
  Match trouble = Match::no;
  const DnsFacts* const found = counted_facts(RecordType::mx, name, trouble);
  if (found == nullptr) {
    return trouble;
  }
  if (found->names.size() > kSpfNamesMax) {
    return Match::permerror;
  }
  // All are asked for at once, before the first answer is looked at.
  bool all_known = true;
  for (const std::string& host : found->names) {
    all_known = addresses_of(host) != nullptr && all_known;
  }
  if (!all_known) {
    return Match::unknown;
  }
  for (const std::string& host : found->names) {
    const DnsFacts& addresses = *addresses_of(host);
    if (addresses.status == DnsStatus::temporary) {
      return Match::temperror;
    }
    if (in_network(addresses.addresses, directive)) {
      return Match::yes;
    }
  }
  return Match::no;
}

SpfEvaluation::Match SpfEvaluation::match_names(const std::string& name) {
  Match trouble = Match::no;
  if (counted_facts(RecordType::ptr, request_.client.reverse_name(), trouble) == nullptr) {
    // RFC 7208 section 5.5: trouble with the client's names is no match.
    return trouble == Match::temperror ? Match::no : trouble;
  }
  const auto names = validated_names();
  if (!names) {
    return Match::unknown;
  }
  return std::any_of(names->begin(), names->end(),
                     [&](const std::string& one) { return is_within(one, name); })
             ? Match::yes
             : Match::no;
}

SpfEvaluation::Match SpfEvaluation::match_existence(const std::string& name) {
  Match trouble = Match::no;
  const DnsFacts* const found = counted_facts(RecordType::a, name, trouble);
  if (found == nullptr) {
    return trouble;
  }
  return found->status == DnsStatus::found ? Match::yes : Match::no;
}

const DnsFacts* SpfEvaluation::counted_facts(RecordType type, std::string_view name,
                                             Match& trouble) {
  const DnsFacts* const found = facts_.find(type, name);
  if (found == nullptr) {
    trouble = Match::unknown;
    return nullptr;
  }
  if (found->status == DnsStatus::temporary) {
    trouble = Match::temperror;
    return nullptr;
  }
  if (found->status == DnsStatus::nothing && ++voids_ > kSpfVoidLookupsMax) {
    trouble = Match::permerror;
    return nullptr;
  }
  return found;
}

RecordType SpfEvaluation::address_type() const {
  return request_.client.family() == base::Family::v4 ? RecordType::a : RecordType::aaaa;
}

const DnsFacts* SpfEvaluation::addresses_of(std::string_view name) {
  return facts_.find(address_type(), name);
}

bool SpfEvaluation::in_network(const std::vector<base::IpAddress>& addresses,
                               const SpfDirective& directive) const {
  const std::size_t prefix =
      request_.client.family() == base::Family::v4 ? directive.prefix4 : directive.prefix6;
  return std::any_of(addresses.begin(), addresses.end(), [&](const base::IpAddress& address) {
    return request_.client.agrees(address, prefix);
  });
}

}  // namespace reqmail::auth822
