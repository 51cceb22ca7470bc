// Words of a line that are separated by blanks.
#pragma once

#include <string_view>

namespace reqmail::base {

// Removes the first word of a text, and the blanks before it, and returns the word; an empty
// one if there is none.
std::string_view take_word(std::string_view& text);

}  // namespace reqmail::base
