// The Authentication-Results field (RFC 8601): writing one, and telling whose another is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::mail {

// The authserv-id that the value of such a field begins with (section 2.5), comments and
// quotes taken off; nullopt if there is none.
std::optional<std::string> authserv_id(std::string_view value);

// The whole field with its line end, folded. `results`: each "method=result" and its
// properties; without any the field says "none". Bytes of the id that are not printable become
// "?".
std::string auth_results_field(std::string_view id, const std::vector<std::string>& results);

}  // namespace reqmail::mail
