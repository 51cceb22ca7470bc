#include "queue/channel_file.h"

#include <utility>

namespace reqmail::queue {

namespace {
constexpr std::size_t kReadSize = 8192;
}  // namespace

Result<ChannelFile> ChannelFile::open(Files& files, const std::string& path) {
  auto file = files.open_read(path);
  if (!file) {
    return file.error();
  }
  return ChannelFile(std::move(*file));
}

Result<bool> ChannelFile::fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  const std::size_t filled = buffer_.size();
  buffer_.resize(filled + kReadSize);
  auto count = file_->read(buffer_.data() + filled, kReadSize);
  buffer_.resize(filled + (count ? *count : 0));
  if (!count) {
    return count.error();
  }
  return *count > 0;
}

Result<std::optional<ChannelRecord>> ChannelFile::next() {
  std::size_t searched = begin_;
  for (;;) {
    const std::size_t end = buffer_.find('\0', searched);
    if (end == std::string::npos) {
      searched = buffer_.size() - begin_;
      auto more = fill();
      if (!more) {
        return more.error();
      }
      if (!*more) {
        return std::optional<ChannelRecord>();
      }
      continue;
    }
    const char letter = buffer_[begin_];
    ChannelRecord record{offset_, letter == 'D', {}};
    const bool counts = letter == 'T' || letter == 'D';
    if (counts) {
      record.recipient = buffer_.substr(begin_ + 1, end - begin_ - 1);
    }
    offset_ += end + 1 - begin_;
    begin_ = searched = end + 1;
    if (counts) {
      return std::optional<ChannelRecord>(std::move(record));
    }
  }
}

Result<void> mark_done(File& list, std::uint64_t offset) {
  return list.write_at(offset, "D");
}

}  // namespace reqmail::queue
