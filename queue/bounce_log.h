// bounce/N: what has failed for good, to be sent back when the message is done.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "mail/message_id.h"
#include "mail/queue_names.h"
#include "queue/files.h"

namespace reqmail::queue {

// Adds a paragraph and makes it durable: after success the recipient's mark may be written.
Result<void> append_bounce(Files& files, mail::QueueLayout layout, mail::MessageId id,
                           std::string_view paragraph);

// The paragraphs, for the bounce message, to be read in pieces. Failure.error ENOENT: nothing
// has failed.
Result<std::unique_ptr<File>> open_bounce(Files& files, mail::QueueLayout layout,
                                          mail::MessageId id);

// After the bounce message is queued. One that is not there is as good as removed.
Result<void> remove_bounce(Files& files, mail::QueueLayout layout, mail::MessageId id);

}  // namespace reqmail::queue
