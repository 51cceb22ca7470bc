#include "queue/listing.h"

#include <algorithm>
#include <utility>

#include "queue/info_file.h"

namespace reqmail::queue {

namespace {

bool exists(Files& files, mail::QueueLayout layout, mail::QueueKind kind, mail::MessageId id) {
  return files.status(layout.path(kind, id)).has_value();
}

}  // namespace

State state_of(Files& files, mail::QueueLayout layout, mail::MessageId id) {
  const bool mess = exists(files, layout, mail::QueueKind::mess, id);
  const bool intd = exists(files, layout, mail::QueueKind::intd, id);
  const bool todo = exists(files, layout, mail::QueueKind::todo, id);
  const bool info = exists(files, layout, mail::QueueKind::info, id);
  if (!mess) {
    return intd || todo || info ? State::broken : State::s1;
  }
  if (todo) {
    return State::s4;
  }
  if (info) {
    return State::s5;
  }
  return intd ? State::s3 : State::s2;
}

Result<std::vector<mail::MessageId>> list_numbers(Files& files, mail::QueueKind kind,
                                                  std::uint64_t index) {
  const auto names = files.list(mail::QueueLayout::subdirectory(kind, index));
  if (!names) {
    return names.error();
  }
  std::vector<mail::MessageId> ids;
  for (const std::string& name : *names) {
    if (const auto id = mail::MessageId::parse(name)) {
      ids.push_back(*id);
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

Result<ListedMessage> list_message(Files& files, mail::QueueLayout layout, mail::MessageId id) {
  ListedMessage message{id, {}, 0, {}, false};
  const auto mess = files.status(layout.path(mail::QueueKind::mess, id));
  if (!mess) {
    return mess.error();
  }
  message.size = mess->size;
  auto info = read_info(files, layout, id);
  if (!info) {
    return info.error();
  }
  message.birth = info->birth;
  // The sender is shown whatever the letter of the first record is.
  message.sender = std::move(info->sender);
  message.bouncing = exists(files, layout, mail::QueueKind::bounce, id);
  return message;
}

}  // namespace reqmail::queue
