// The results in an Authentication-Results field, or in the one of an ARC set (RFC 8601
// section 2.2, RFC 8617 section 4.1.1). Whoever wrote it may have put words of strangers into
// quoted strings and comments: these end no result.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reqmail::auth822 {

// All texts are in lower case and without quotes.
struct AuthResult {
  std::string method;  // without its version
  std::string result;
  std::vector<std::pair<std::string, std::string>> properties;

  // Returns the first property of this name, such as "header.from"; nullopt if there is none.
  [[nodiscard]] std::optional<std::string_view> property(std::string_view name) const;
};

// Returns the results in the value of such a field. The identifier before them, and parts that
// are no results, are left out.
std::vector<AuthResult> read_auth_results(std::string_view value);

}  // namespace reqmail::auth822
