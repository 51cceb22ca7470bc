#include "base/words.h"

#include <algorithm>
#include <cstddef>

#include "base/ascii.h"

namespace reqmail::base {

std::string_view take_word(std::string_view& text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  const auto end = std::find_if(text.begin(), text.end(), is_blank);
  const std::string_view word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace reqmail::base
