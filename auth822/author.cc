#include "auth822/author.h"

#include <algorithm>
#include <string_view>
#include <utility>

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

// What follows the last @ of an address, in lower case; empty if that is no name of the DNS but
// an address literal, or if there is none.
std::string domain_of(const std::string& address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string::npos || address.compare(at + 1, 1, "[") == 0) {
    return {};
  }
  return base::lower(address.substr(at + 1));
}

bool is_name(std::string_view domain) {
  return is_domain(domain) &&
         std::all_of(domain.begin(), domain.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Author without_domain(Author::Fault fault, std::string problem) {
  return {std::nullopt, fault, std::move(problem)};
}

// The author whose address has this domain.
Author author_at(const std::string& domain) {
  auto converted = mail::find_a_labels(domain);
  if (!converted && (converted.error().permanence == Permanence::temporary ||
                     !mail::can_convert_u_labels())) {
    return without_domain(Author::Fault::not_converted, "the author's domain is not converted");
  }
  std::string name = converted ? *std::move(converted) : domain;
  if (name.ends_with('.')) {
    name.pop_back();
  }
  if (!is_name(name)) {
    return without_domain(Author::Fault::malformed, "the author's domain is not valid");
  }
  return {std::move(name)};
}

}  // namespace

Author find_author(const MessageHeader& header) {
  const auto fields = header.named("from");
  if (fields.size() != 1) {
    return without_domain(Author::Fault::not_single,
                          fields.empty() ? "no From field" : "several From fields");
  }
  const auto addresses = addresses_in(fields.front()->value());
  if (!addresses) {
    return without_domain(Author::Fault::malformed, "From cannot be read");
  }
  Author found = without_domain(Author::Fault::no_domain, "the author has no domain");
  for (const std::string& address : *addresses) {
    const std::string domain = domain_of(address);
    if (domain.empty()) {
      continue;
    }
    Author author = author_at(domain);
    if (!author.domain) {
      return author;
    }
    if (found.domain && *found.domain != *author.domain) {
      return without_domain(Author::Fault::not_single, "authors of several domains");
    }
    found = std::move(author);
  }
  return found;
}

}  // namespace reqmail::auth822
