// Overwrites secrets in memory when they are no longer needed.
#pragma once

#include <cstddef>
#include <string>

namespace reqmail::base {

// Sets every element of an array to zero, through a volatile pointer so that the compiler
// cannot omit it.
template <typename Array>
void overwrite(Array& items) {
  volatile auto* item = items.data();
  for (std::size_t i = 0; i < items.size(); ++i) {
    item[i] = 0;
  }
}

// Overwrites a text and makes it empty.
inline void wipe(std::string& text) {
  // The bytes after its end may have parts of the secret too.
  text.resize(text.capacity());
  overwrite(text);
  text.clear();
}

}  // namespace reqmail::base
