#include "sign/author_domain.h"

#include <algorithm>
#include <optional>

#include "auth822/author.h"
#include "base/ascii.h"
#include "mail/idna.h"

namespace reqmail::sign {

namespace {

// The domain of an address in lower case and with A-labels, which keys have; absent if it has
// none.
std::optional<std::string> domain_of(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos || at + 1 == address.size()) {
    return std::nullopt;
  }
  const std::string domain = base::lower(address.substr(at + 1));
  return mail::to_a_labels(domain).value_or(domain);
}

std::string_view last_two_labels(std::string_view domain) {
  const std::size_t dot = domain.rfind('.');
  if (dot == std::string_view::npos || dot == 0) {
    return domain;
  }
  const std::size_t before = domain.rfind('.', dot - 1);
  return before == std::string_view::npos ? domain : domain.substr(before + 1);
}

// A message that was not forwarded may come from a client of ours. If it was judged, its client
// was none.
bool needs_proof(const auth822::Origin& origin) {
  return origin.by_stranger && (origin.forwarded || !origin.own_results.empty());
}

}  // namespace

std::vector<std::string> domains_to_sign_for(const auth822::MessageHeader& header,
                                             const auth822::Origin& origin,
                                             std::string_view sender) {
  const auto author = find_author(header).domain;
  const auto sender_domain = domain_of(sender);
  std::vector<std::string> domains;
  if (!needs_proof(origin)) {
    if (author || sender_domain) {
      domains.push_back(author ? *author : *sender_domain);
    }
    return domains;
  }
  if (!author) {
    return domains;
  }
  const auto proves = [&author](const auth822::RawField* field) {
    return proves_author(auth822::read_auth_results(field->value()), *author);
  };
  if (std::ranges::any_of(origin.own_results, proves)) {
    domains.push_back(*author);
  }
  if (sender_domain && last_two_labels(*sender_domain) != last_two_labels(*author)) {
    domains.push_back(*sender_domain);
  }
  return domains;
}

}  // namespace reqmail::sign
