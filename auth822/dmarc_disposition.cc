#include "auth822/dmarc_disposition.h"

#include <algorithm>

#include "auth822/dns_facts.h"
#include "auth822/tag_list.h"
#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::auth822 {

namespace {

bool has(const std::vector<std::string>& domains, std::string_view name) {
  return std::any_of(domains.begin(), domains.end(), [name](const std::string& domain) {
    return base::equal_ci(domain, name);
  });
}

// The words of a result, without comments and quotes.
std::vector<std::string> words_of(std::string_view result) {
  std::vector<std::string> words(1);
  int depth = 0;
  for (const char c : result) {
    depth += c == '(' ? 1 : 0;
    if (depth == 0 && is_folding_space(c)) {
      words.emplace_back();
    } else if (depth == 0 && c != '"') {
      words.back().push_back(base::to_lower(c));
    }
    depth -= c == ')' && depth > 0 ? 1 : 0;
  }
  std::erase(words, std::string());
  return words;
}

// The domain of a property such as header.d=D or smtp.mailfrom=A@D; empty if it is another.
std::string_view vouched_domain(std::string_view word) {
  for (const std::string_view name : {"header.d=", "header.i=", "smtp.mailfrom="}) {
    if (word.starts_with(name)) {
      const std::size_t at = word.rfind('@');
      return word.substr(at == std::string_view::npos ? name.size() : at + 1);
    }
  }
  return {};
}

}  // namespace

std::string_view override_word(DmarcOverride reason) {
  switch (reason) {
  case DmarcOverride::none:
    return {};
  case DmarcOverride::policy_test_mode:
    return "policy_test_mode";
  case DmarcOverride::trusted_forwarder:
    return "trusted_forwarder";
  case DmarcOverride::local_policy:
    break;
  }
  return "local_policy";
}

DmarcDisposition dmarc_disposition(const DmarcResult& result, const DmarcSettings& settings,
                                   const DmarcContext& context) {
  if (result.word != AuthWord::fail || result.policy == DmarcPolicy::none) {
    const bool testing = result.word == AuthWord::fail && result.record &&
                         result.record->testing && result.record->policy != DmarcPolicy::none;
    return {DmarcPolicy::none, testing ? DmarcOverride::policy_test_mode : DmarcOverride::none};
  }
  if (context.client_exempt || has(settings.exempt_authors, context.author)) {
    return {DmarcPolicy::none, DmarcOverride::local_policy};
  }
  if (context.forwarder_vouches) {
    return {DmarcPolicy::none, DmarcOverride::trusted_forwarder};
  }
  if (settings.strictest < result.policy) {
    return {settings.strictest, DmarcOverride::local_policy};
  }
  return {result.policy, result.record && result.record->testing
                             ? DmarcOverride::policy_test_mode
                             : DmarcOverride::none};
}

bool vouches_for(std::string_view value, std::string_view author) {
  for (const std::string_view result : base::split(value, ';')) {
    const auto words = words_of(result);
    if (words.empty()) {
      continue;
    }
    if (words.front() == "dmarc=pass") {
      return true;
    }
    if (words.front() != "dkim=pass" && words.front() != "spf=pass") {
      continue;
    }
    if (std::any_of(words.begin() + 1, words.end(), [&](const std::string& word) {
          return is_domain(author) && is_within(vouched_domain(word), author);
        })) {
      return true;
    }
  }
  return false;
}

}  // namespace reqmail::auth822
