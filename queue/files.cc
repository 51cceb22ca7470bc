#include "queue/files.h"

#include <algorithm>
#include <cerrno>
#include <limits>

#include "base/narrow.h"

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

PieceReader::PieceReader(File& file) : file_(&file) {
  const auto status = file.status();
  left_ = status ? status->size : std::numeric_limits<std::uint64_t>::max();
}

Result<bool> PieceReader::append(std::string& text, std::size_t most) {
  const std::size_t had = text.size();
  // One byte more than expected is asked for: if it does not come, the file ends here.
  const auto wanted = base::narrow<std::size_t>(std::min<std::uint64_t>(left_, most - 1) + 1);
  text.resize(had + wanted);
  const auto count = file_->read(text.data() + had, wanted);
  text.resize(had + (count ? *count : 0));
  if (!count) {
    return count.error();
  }
  const bool end = *count == 0 || (*count < wanted && *count >= left_);
  left_ -= std::min<std::uint64_t>(left_, *count);
  return !end;
}

Result<std::string> read_all(File& file) {
  std::string text;
  PieceReader reader(file);
  for (;;) {
    const auto more = reader.append(text, kReadSize);
    if (!more) {
      return more.error();
    }
    if (!*more) {
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
