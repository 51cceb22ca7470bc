#include "send/open_lists.h"

#include <algorithm>
#include <utility>

#include "queue/channel_file.h"

namespace reqmail::send {

using scheduler::Channel;

void OpenLists::keep(Channel channel, mail::MessageId id, std::unique_ptr<queue::File> file) {
  close(channel, id);
  lists_.push_back({channel, id, std::move(file)});
  if (lists_.size() > most_) {
    lists_.pop_front();
  }
}

OpenLists::List* OpenLists::find(Channel channel, mail::MessageId id) {
  const auto found = std::find_if(lists_.begin(), lists_.end(), [&](const List& list) {
    return list.id == id && list.channel == channel;
  });
  return found == lists_.end() ? nullptr : &*found;
}

Result<void> OpenLists::mark_done(Channel channel, mail::MessageId id, std::uint64_t offset) {
  const List* list = find(channel, id);
  if (list == nullptr) {
    auto file = files_.open_write(layout_.path(scheduler::kind_of(channel), id));
    if (!file) {
      return file.error();
    }
    keep(channel, id, std::move(*file));
    list = &lists_.back();
  }
  return queue::mark_done(*list->file, offset);
}

void OpenLists::close(mail::MessageId id) {
  for (const Channel channel : scheduler::kChannels) {
    close(channel, id);
  }
}

void OpenLists::close(Channel channel, mail::MessageId id) {
  std::erase_if(lists_,
                [&](const List& list) { return list.id == id && list.channel == channel; });
}

}  // namespace reqmail::send
