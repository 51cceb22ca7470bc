// Secrets are overwritten in memory when they are no longer needed.
#pragma once

#include <cstddef>
#include <string>

namespace reqmail::base {

// Sets every item of an array to zero, through a volatile pointer so that no compiler leaves it
// out.
template <typename Array>
void overwrite(Array& items) {
  volatile auto* item = items.data();
  for (std::size_t i = 0; i < items.size(); ++i) {
    item[i] = 0;
  }
}

// Overwrites and empties a text.
inline void wipe(std::string& text) {
  // The bytes after the end may hold more of it.
  text.resize(text.capacity());
  overwrite(text);
  text.clear();
}

}  // namespace reqmail::base
