// What qmail-send reads from the queue.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "mail/queue_names.h"
#include "queue/files.h"
#include "scheduler/events.h"

namespace reqmail::send {

struct MessageInfo {
  std::string sender;
  // The time of info/N: when the message was preprocessed.
  base::Time birth{};
};

// info/N: F sender NUL. Anything else is a Failure.
Result<MessageInfo> read_info(queue::Files& files, mail::QueueLayout layout,
                              mail::MessageId id);

mail::QueueKind kind_of(scheduler::Channel channel);

// What an earlier qmail-send has made of todo/N.
scheduler::Leftovers read_leftovers(queue::Files& files, mail::QueueLayout layout,
                                    mail::MessageId id);

// What local/N and remote/N say about a preprocessed message: when to try next; that one of
// them cannot be examined; or that there is neither, but a file of another qmail's. Nothing
// where the message is gone altogether.
std::optional<scheduler::Event> examine_message(queue::Files& files, mail::QueueLayout layout,
                                                mail::MessageId id, base::Time now);

// Makes info/N, local/N and remote/N anew with the same contents, marks and times included:
// after a failed sync nobody knows what of the old ones is on the disk. False: it could not be
// done, and may be tried again.
bool rewrite_todo_result(queue::Files& files, mail::QueueLayout layout, mail::MessageId id,
                         const scheduler::PerChannel<bool>& recipients);

}  // namespace reqmail::send
