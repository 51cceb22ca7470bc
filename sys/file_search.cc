#include "sys/file_search.h"

#include <cstddef>

#include "sys/descriptor_io.h"
#include "sys/file.h"

namespace reqmail::sys {

Result<bool> regular_file_contains(const std::string& path, std::string_view text) {
  constexpr std::size_t kPiece = 16384;
  auto file = open_regular_read(path);
  if (!file) {
    return file.error();
  }
  // The end of a piece may be the beginning of the text, so it is kept for the next search.
  std::string window;
  for (;;) {
    const std::size_t kept = window.size();
    window.resize(kept + kPiece);
    const auto count = read_some(file->get(), window.data() + kept, kPiece);
    if (!count) {
      return count.error();
    }
    if (*count == 0) {
      return false;
    }
    window.resize(kept + *count);
    if (window.find(text) != std::string::npos) {
      return true;
    }
    if (window.size() >= text.size()) {
      window.erase(0, window.size() - (text.size() - 1));
    }
  }
}

}  // namespace reqmail::sys
