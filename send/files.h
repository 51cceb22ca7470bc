// The queue files that qmail-send reads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "mail/dsn.h"
#include "mail/queue_names.h"
#include "queue/files.h"
#include "queue/info_file.h"
#include "scheduler/events.h"
#include "send/recipient_lists.h"

namespace reqmail::send {

// Returns the sender and the birth time of a message. It is a Failure if the first record is
// not of type F.
Result<queue::InfoFile> read_sender(queue::Files& files, mail::QueueLayout layout,
                                    mail::MessageId id);

// Returns what the sender of a message wants to be told (mail/dsn.h); nullopt if nothing. A
// file that is older than mess/N belongs to an earlier message of this number.
std::optional<mail::DsnRequest> read_wishes(queue::Files& files, mail::QueueLayout layout,
                                            mail::MessageId id);

// Returns what an earlier qmail-send has made of todo/N.
scheduler::Leftovers read_leftovers(queue::Files& files, mail::QueueLayout layout,
                                    mail::MessageId id);

// Returns the names in queue/ that are not our own directories, such as those for the channels
// of a patched qmail; empty if queue/ cannot be listed.
std::vector<std::string> foreign_directories(queue::Files& files);

// Examines local/N and remote/N of a preprocessed message. The event says when to try next, or
// that one of them cannot be examined, or that neither exists but a foreign file does. Returns
// nullopt if the message is gone altogether. `foreign` is the result of foreign_directories().
// `lists` saves the examination of a recipient file that did not exist when the directory was
// listed; it may be null.
std::optional<scheduler::Event> examine_message(queue::Files& files, mail::QueueLayout layout,
                                                mail::MessageId id, base::Time now,
                                                const std::vector<std::string>& foreign,
                                                const RecipientLists* lists = nullptr);

// Makes info/N, local/N and remote/N again with the same contents, marks and times: after a
// failed sync nobody knows which part of the old files is on disk. Returns false if this
// failed; it may be tried again.
bool rewrite_todo_result(queue::Files& files, mail::QueueLayout layout, mail::MessageId id,
                         const scheduler::PerChannel<bool>& recipients);

}  // namespace reqmail::send
