// info/N: the sender of a preprocessed message, and the time at which it was preprocessed.
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "mail/message_id.h"
#include "mail/queue_names.h"
#include "queue/files.h"

namespace reqmail::queue {

struct InfoFile {
  // The letter of the record: F, unless the file is damaged.
  char letter = '\0';
  std::string sender;
  // The modification time of the file: when the message was preprocessed.
  base::Time birth{};
};

// Reads the first record. Failure.error is the errno of a failed read, or EINVAL if there is no
// complete record.
Result<InfoFile> read_info(Files& files, mail::QueueLayout layout, mail::MessageId id);

}  // namespace reqmail::queue
