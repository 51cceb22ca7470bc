#include "send/scan.h"

#include <algorithm>
#include <utility>

namespace reqmail::send {

void QueueWalk::start() {
  active_ = true;
  failed_.clear();
  numbers_.clear();
  directories_.clear();
  for (std::uint64_t index = layout_.split(); index > 0; --index) {
    directories_.push_back(index - 1);
  }
}

Result<std::optional<mail::MessageId>> QueueWalk::next() {
  while (numbers_.empty()) {
    if (directories_.empty()) {
      active_ = !failed_.empty();
      return std::optional<mail::MessageId>();
    }
    const std::uint64_t index = directories_.back();
    directories_.pop_back();
    const std::string path = mail::QueueLayout::subdirectory(kind_, index);
    const auto names = files_.list(path);
    if (!names) {
      failed_.push_back(index);
      return temporary(path, names.error().error);
    }
    for (const std::string& name : *names) {
      if (const auto id = mail::MessageId::parse(name)) {
        numbers_.push_back(*id);
      }
    }
    // Read in the order of the inodes; taken from the end.
    std::sort(numbers_.begin(), numbers_.end(), std::greater<>());
  }
  const mail::MessageId id = numbers_.back();
  numbers_.pop_back();
  return std::optional<mail::MessageId>(id);
}

void QueueWalk::retry() {
  directories_.insert(directories_.end(), failed_.begin(), failed_.end());
  failed_.clear();
}

}  // namespace reqmail::send
