// How qmail-inject completes addresses (qmail-header(5)): the default host, the default domain
// and the plus domain.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mail/token822.h"

namespace reqmail::mail {

// What is put behind incomplete addresses, as tokens: "@host", ".domain", ".plusdomain".
class AddressDefaults {
 public:
  // A Failure is permanent, its text the one that could not be read: "@" or "." and the name.
  static Result<AddressDefaults> parse(std::string_view host, std::string_view domain,
                                       std::string_view plus_domain);

  // Completes an address in place: `<>` and x@[] stay; a route in front, one trailing dot and
  // one trailing '@' go; then, unless nothing is left, whatever is missing is appended. A
  // comment counts as any other token.
  void complete(std::vector<Token>& address) const;

  // An address given as an argument, a recipient or the sender of -f: unquoted, and only the
  // host part, behind the last '@', is parsed. The empty address stays empty. Nothing where the
  // host cannot be read.
  [[nodiscard]] std::optional<std::string> from_argument(std::string_view argument) const;

 private:
  AddressDefaults() = default;

  std::vector<Token> host_;
  std::vector<Token> domain_;
  std::vector<Token> plus_domain_;
};

}  // namespace reqmail::mail
