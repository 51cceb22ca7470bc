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

// The suffixes of incomplete addresses as tokens: "@host", ".domain", ".plusdomain".
class AddressDefaults {
 public:
  // A Failure is permanent; its text is the suffix that could not be parsed: "@" or "." and the
  // name.
  static Result<AddressDefaults> parse(std::string_view host, std::string_view domain,
                                       std::string_view plus_domain);

  // Completes an address in place. `<>` and x@[] do not change. A source route, one trailing
  // dot and one trailing '@' are removed; then, unless nothing is left, the missing parts are
  // appended. A comment counts like any other token.
  void complete(std::vector<Token>& address) const;

  // Completes an address from an argument, which is a recipient or the sender of -f: it is not
  // quoted, and only the part after the last '@' is parsed. The empty address stays empty.
  // Returns nullopt if the host cannot be parsed.
  [[nodiscard]] std::optional<std::string> from_argument(std::string_view argument) const;

 private:
  AddressDefaults() = default;

  std::vector<Token> host_;
  std::vector<Token> domain_;
  std::vector<Token> plus_domain_;
};

}  // namespace reqmail::mail
