// Folding of long header fields (RFC 5322 section 2.2.3).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reqmail::mail {

// Lines are folded where they would be longer.
inline constexpr std::size_t kFoldWidth = 78;

// The field, given on one line without a line end, with one: a line feed before a blank
// wherever a line would become longer than kFoldWidth. A word that is longer stays whole.
std::string folded(std::string_view field);

}  // namespace reqmail::mail
