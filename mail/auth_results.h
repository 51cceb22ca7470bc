// The Authentication-Results field (RFC 8601): writes one, and finds out to which service
// another belongs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::mail {

// Returns the authserv-id at the beginning of the value of such a field (section 2.5), without
// comments and quotes; nullopt if there is none.
std::optional<std::string> authserv_id(std::string_view value);

// Returns the complete field with its line end, folded. Each of `results` is "method=result"
// with its properties; without any the field has "none". Unprintable bytes of the id become
// "?".
std::string auth_results_field(std::string_view id, const std::vector<std::string>& results);

}  // namespace reqmail::mail
