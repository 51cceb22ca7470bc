#include "send/recipient_lists.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "mail/queue_names.h"
#include "queue/listing.h"

namespace reqmail::send {

using scheduler::Channel;

std::optional<RecipientLists> RecipientLists::list(queue::Files& files, std::uint64_t index) {
  RecipientLists lists;
  for (const Channel channel : scheduler::kChannels) {
    const mail::QueueKind kind = scheduler::kind_of(channel);
    auto numbers = queue::list_numbers(files, kind, index);
    auto directory = files.open_directory(mail::QueueLayout::subdirectory(kind, index));
    if (!numbers || !directory) {
      return std::nullopt;
    }
    lists.numbers_[channel] = std::move(*numbers);
    lists.directories_[channel] = std::move(*directory);
  }
  return lists;
}

bool RecipientLists::contains(Channel channel, mail::MessageId id) const {
  const auto& numbers = numbers_[channel];
  return std::binary_search(numbers.begin(), numbers.end(), id);
}

Result<queue::FileStatus> RecipientLists::status(Channel channel, mail::MessageId id) const {
  if (!contains(channel, id)) {
    return temporary("no such list", ENOENT);
  }
  return directories_[channel]->status(id.text());
}

std::vector<mail::MessageId> RecipientLists::others(
    const std::vector<mail::MessageId>& messages) const {
  std::vector<mail::MessageId> others;
  for (const auto& numbers : numbers_.of) {
    std::set_difference(numbers.begin(), numbers.end(), messages.begin(), messages.end(),
                        std::back_inserter(others));
  }
  return others;
}

}  // namespace reqmail::send
