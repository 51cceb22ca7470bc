#include "auth822/author.h"

#include <algorithm>
#include <string_view>

#include "auth822/dns_facts.h"
#include "base/ascii.h"
#include "mail/address_list.h"
#include "mail/idna.h"
#include "mail/token822.h"

namespace reqmail::auth822 {

namespace {

// The addresses of a field's value; absent if it cannot be read.
std::optional<std::vector<std::string>> addresses_in(std::string_view value) {
  auto tokens = mail::tokenize(value);
  std::vector<std::string> addresses;
  const bool read = tokens && mail::rewrite_addresses(*tokens, [&](auto& address) {
                      if (auto text = mail::plain_text(address); !text.empty()) {
                        addresses.push_back(std::move(text));
                      }
                      return true;
                    });
  return read ? std::optional(std::move(addresses)) : std::nullopt;
}

}  // namespace

Author find_author(const MessageHeader& header) {
  const auto fields = header.named("from");
  if (fields.size() != 1) {
    return {std::nullopt, fields.empty() ? "no From field" : "several From fields"};
  }
  const auto addresses = addresses_in(fields.front()->value());
  if (!addresses) {
    return {std::nullopt, "From cannot be read"};
  }
  std::vector<std::string> domains;
  for (const std::string& address : *addresses) {
    const std::size_t at = address.rfind('@');
    std::string domain =
        at == std::string::npos ? std::string() : base::lower(address.substr(at + 1));
    domain = mail::to_a_labels(domain).value_or(domain);
    if (domain.ends_with('.')) {
      domain.pop_back();
    }
    if (std::find(domains.begin(), domains.end(), domain) == domains.end()) {
      domains.push_back(std::move(domain));
    }
  }
  if (domains.size() != 1) {
    return {std::nullopt, domains.empty() ? "no author" : "authors of several domains"};
  }
  const bool ascii = std::all_of(domains[0].begin(), domains[0].end(),
                                 [](char c) { return c > ' ' && c <= '~'; });
  if (!is_domain(domains[0]) || !ascii) {
    return {std::nullopt, "the author has no domain"};
  }
  return {std::move(domains[0]), {}};
}

}  // namespace reqmail::auth822
