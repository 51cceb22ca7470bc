#include "auth822/dmarc_disposition.h"

#include <algorithm>
#include <utility>

#include "auth822/auth_results.h"
#include "auth822/dns_facts.h"
#include "base/ascii.h"

namespace reqmail::auth822 {

namespace {

bool has(const std::vector<std::string>& domains, std::string_view name) {
  return std::any_of(domains.begin(), domains.end(), [name](const std::string& domain) {
    return base::equal_ci(domain, name);
  });
}

// The domain of an address, or the domain itself.
std::string_view domain_in(std::string_view value) {
  const std::size_t at = value.rfind('@');
  return at == std::string_view::npos ? value : value.substr(at + 1);
}

// Whether a property names the author's domain, or one below it, as vouched for.
bool names(const std::pair<std::string, std::string>& property, std::string_view author) {
  const auto& [name, value] = property;
  return (name == "header.d" || name == "header.i" || name == "smtp.mailfrom") &&
         is_within(domain_in(value), author);
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
  const auto results = read_auth_results(value);
  return std::any_of(results.begin(), results.end(), [author](const AuthResult& one) {
    if (one.result != "pass") {
      return false;
    }
    return one.method == "dmarc" ||
           ((one.method == "dkim" || one.method == "spf") && is_domain(author) &&
            std::any_of(one.properties.begin(), one.properties.end(),
                        [author](const auto& property) { return names(property, author); }));
  });
}

}  // namespace reqmail::auth822
