// Recipient files that stay open while their deliveries run, so that a mark needs only one
// call.
//
// The list of a new message is kept open for its first marks, and a list that gets a mark is
// kept open for the next. The number of open lists is limited: the one that was opened first is
// closed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "base/result.h"
#include "mail/message_id.h"
#include "mail/queue_names.h"
#include "queue/files.h"
#include "scheduler/channel.h"

namespace reqmail::send {

// The number of open lists, which is far below the usual limit of descriptors.
inline constexpr std::size_t kOpenLists = 128;

class OpenLists {
 public:
  OpenLists(queue::Files& files, mail::QueueLayout layout, std::size_t most = kOpenLists)
      : files_(files), layout_(layout), most_(most) {}

  // Keeps the list of a message that was just written.
  void keep(scheduler::Channel channel, mail::MessageId id, std::unique_ptr<queue::File> file);

  // Marks the recipient at `offset` as done (queue::mark_done()), in the open list or by its
  // path.
  Result<void> mark_done(scheduler::Channel channel, mail::MessageId id, std::uint64_t offset);

  // Closes the lists of a message. This must be called before one of them is removed or
  // replaced, since a mark in a file without a name is lost.
  void close(mail::MessageId id);
  void close(scheduler::Channel channel, mail::MessageId id);

 private:
  struct List {
    scheduler::Channel channel;
    mail::MessageId id;
    std::unique_ptr<queue::File> file;
  };

  List* find(scheduler::Channel channel, mail::MessageId id);

  queue::Files& files_;
  mail::QueueLayout layout_;
  std::size_t most_;
  std::deque<List> lists_;
};

}  // namespace reqmail::send
