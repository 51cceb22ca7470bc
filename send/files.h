// What qmail-send reads from the queue.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "mail/queue_names.h"
#include "queue/files.h"
#include "queue/info_file.h"
#include "scheduler/events.h"
#include "send/recipient_lists.h"

namespace reqmail::send {

// The sender and the birth of a message. A first record other than F is a Failure.
Result<queue::InfoFile> read_sender(queue::Files& files, mail::QueueLayout layout,
                                    mail::MessageId id);

// What an earlier qmail-send has made of todo/N.
scheduler::Leftovers read_leftovers(queue::Files& files, mail::QueueLayout layout,
                                    mail::MessageId id);

// Lists what queue/ holds beside our own directories, such as the channels of a patched qmail;
// empty if it cannot be listed.
std::vector<std::string> foreign_directories(queue::Files& files);

// What local/N and remote/N say about a preprocessed message: when to try next; that one of
// them cannot be examined; or that there is neither, but a file of another qmail's. Returns
// nullopt if the message is gone altogether. `foreign` is what foreign_directories() found.
// `lists` spares the look at a recipient file that was not there when they were listed; null if
// there are none.
std::optional<scheduler::Event> examine_message(queue::Files& files, mail::QueueLayout layout,
                                                mail::MessageId id, base::Time now,
                                                const std::vector<std::string>& foreign,
                                                const RecipientLists* lists = nullptr);

// Makes info/N, local/N and remote/N anew with the same contents, marks and times included:
// after a failed sync nobody knows what of the old ones is on the disk. Returns false if it
// could not be done; it may be tried again.
bool rewrite_todo_result(queue::Files& files, mail::QueueLayout layout, mail::MessageId id,
                         const scheduler::PerChannel<bool>& recipients);

}  // namespace reqmail::send
