#include "queue/files.h"

#include <cerrno>

namespace reqmail::queue {

namespace {
constexpr std::size_t kReadSize = std::size_t{16} << 10;
}  // namespace

Result<void> remove_if_there(Files& files, const std::string& path) {
  auto removed = files.unlink(path);
  if (!removed && removed.error().error == ENOENT) {
    return {};
  }
  return removed;
}

Result<std::string> read_all(File& file) {
  std::string text;
  std::size_t filled = 0;
  for (;;) {
    text.resize(filled + kReadSize);
    auto count = file.read(text.data() + filled, kReadSize);
    if (!count) {
      return count.error();
    }
    filled += *count;
    if (*count == 0) {
      text.resize(filled);
      return text;
    }
  }
}

Result<std::string> read_all(Files& files, const std::string& path) {
  auto file = files.open_read(path);
  if (!file) {
    return file.error();
  }
  return read_all(**file);
}

}  // namespace reqmail::queue
