#include "send/scan.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "queue/listing.h"

namespace reqmail::send {

void QueueWalk::start() {
  std::vector<std::uint64_t> all(layout_.split());
  std::iota(all.begin(), all.end(), 0U);
  start(all);
}

void QueueWalk::start(const std::vector<std::uint64_t>& directories) {
  active_ = true;
  failed_.clear();
  numbers_.clear();
  given_ = 0;
  directories_.assign(directories.rbegin(), directories.rend());
}

void QueueWalk::leave(const std::vector<std::uint64_t>& directories) {
  std::erase_if(directories_, [&directories](std::uint64_t index) {
    return std::find(directories.begin(), directories.end(), index) != directories.end();
  });
}

Result<std::optional<mail::MessageId>> QueueWalk::next() {
  while (given_ == numbers_.size()) {
    numbers_.clear();
    given_ = 0;
    if (directories_.empty()) {
      active_ = !failed_.empty();
      return std::optional<mail::MessageId>();
    }
    const std::uint64_t index = directories_.back();
    directories_.pop_back();
    auto numbers = queue::list_numbers(files_, kind_, index);
    if (!numbers) {
      failed_.push_back(index);
      return temporary(mail::QueueLayout::subdirectory(kind_, index), numbers.error().error);
    }
    numbers_ = std::move(*numbers);
    if (listed_) {
      listed_(index, numbers_);
    }
  }
  return std::optional<mail::MessageId>(numbers_[given_++]);
}

bool QueueWalk::will_list(std::uint64_t index) const {
  return std::find(directories_.begin(), directories_.end(), index) != directories_.end();
}

void QueueWalk::take_over(std::uint64_t index, const std::vector<mail::MessageId>& numbers) {
  std::erase(directories_, index);
  numbers_.insert(numbers_.end(), numbers.begin(), numbers.end());
}

void QueueWalk::retry() {
  directories_.insert(directories_.end(), failed_.begin(), failed_.end());
  failed_.clear();
}

}  // namespace reqmail::send
