// Folds long header fields (RFC 5322 section 2.2.3).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reqmail::mail {

// The longest line of a folded field in bytes, unless a single word is longer.
inline constexpr std::size_t kFoldWidth = 78;

// Returns the folded field with a line end. The argument is one line without a line end. A line
// feed is inserted before a blank if the line would become longer than kFoldWidth; a longer
// word is not divided.
std::string folded(std::string_view field);

}  // namespace reqmail::mail
