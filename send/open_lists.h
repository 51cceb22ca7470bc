// Recipient files that stay open while their deliveries run, so that a mark costs one call.
//
// A list that is written for a new message is kept open for its first marks, and one that gets
// a mark for the next. Only so many are open at a time: the one that was opened first goes.
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

// Far fewer than the descriptors that a process usually has.
inline constexpr std::size_t kOpenLists = 128;

class OpenLists {
 public:
  OpenLists(queue::Files& files, mail::QueueLayout layout, std::size_t most = kOpenLists)
      : files_(files), layout_(layout), most_(most) {}

  // Keeps the list of a message that has just been written.
  void keep(scheduler::Channel channel, mail::MessageId id, std::unique_ptr<queue::File> file);

  // Marks the recipient at `offset` as done (queue::mark_done), in the list that is open or by
  // its name.
  Result<void> mark_done(scheduler::Channel channel, mail::MessageId id, std::uint64_t offset);

  // Closes the lists of a message. It is to be called before one of them is removed or
  // replaced: a mark in a file without a name is lost.
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
