#include "mail/queue_split.h"

#include <algorithm>

#include "mail/message_id.h"
#include "mail/queue_names.h"

namespace reqmail::mail {

Result<std::uint64_t> count_split(const QueueView& queue, std::uint64_t expected) {
  const auto exists = [&queue](std::uint64_t index) {
    return queue.is_directory(QueueLayout::subdirectory(QueueKind::mess, index));
  };
  if (exists(expected - 1) && !exists(expected)) {
    return expected;
  }
  const auto names = queue.list(std::string(kind_name(QueueKind::mess)));
  if (!names) {
    return names.error();
  }
  std::uint64_t split = 0;
  for (const std::string& name : *names) {
    const auto id = MessageId::parse(name);
    if (id && exists(id->number())) {
      split = std::max(split, id->number() + 1);
    }
  }
  return split;
}

}  // namespace reqmail::mail
