// What qmail-send reads from the queue.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

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

// What queue/ holds beside our own directories, such as the channels of a patched qmail; empty
// where it cannot be listed.
std::vector<std::string> foreign_directories(queue::Files& files);

// What local/N and remote/N say about a preprocessed message: when to try next; that one of
// them cannot be examined; or that there is neither, but a file of another qmail's. Nothing
// where the message is gone altogether. `foreign` is what foreign_directories() found.
std::optional<scheduler::Event> examine_message(queue::Files& files, mail::QueueLayout layout,
                                                mail::MessageId id, base::Time now,
                                                const std::vector<std::string>& foreign);

// Makes info/N, local/N and remote/N anew with the same contents, marks and times included:
// after a failed sync nobody knows what of the old ones is on the disk. False: it could not be
// done, and may be tried again.
bool rewrite_todo_result(queue::Files& files, mail::QueueLayout layout, mail::MessageId id,
                         const scheduler::PerChannel<bool>& recipients);

}  // namespace reqmail::send
