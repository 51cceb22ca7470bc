// bounce/N: the permanent failures of a message, which are sent back when the message is done.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "mail/message_id.h"
#include "mail/queue_names.h"
#include "queue/files.h"

namespace reqmail::queue {

// Appends a paragraph and makes it durable; after success the recipient's mark may be written.
Result<void> append_bounce(Files& files, mail::QueueLayout layout, mail::MessageId id,
                           std::string_view paragraph);

// Opens the paragraphs for the bounce message. Failure.error is ENOENT if there were no
// failures.
Result<std::unique_ptr<File>> open_bounce(Files& files, mail::QueueLayout layout,
                                          mail::MessageId id);

// Called when the bounce message is queued; succeeds if the file does not exist.
Result<void> remove_bounce(Files& files, mail::QueueLayout layout, mail::MessageId id);

}  // namespace reqmail::queue
