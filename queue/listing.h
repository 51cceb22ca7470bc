// A walk over the queue as it is, for qmail-qread and for tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "mail/message_id.h"
#include "mail/queue_names.h"
#include "queue/files.h"

namespace reqmail::queue {

// What a message's files say about how far it is: S1 nothing, S2 mess, S3 mess and intd, S4
// mess and todo, S5 mess and info. Anything else is broken.
enum class State { s1, s2, s3, s4, s5, broken };

State state_of(Files& files, mail::QueueLayout layout, mail::MessageId id);

// Numbers of messages in subdirectory `index` of a kind, in ascending order: those of info are
// the preprocessed messages.
Result<std::vector<mail::MessageId>> list_numbers(Files& files, mail::QueueKind kind,
                                                  std::uint64_t index);

// A preprocessed message.
struct ListedMessage {
  mail::MessageId id;
  base::Time birth{};
  std::uint64_t size = 0;
  std::string sender;
  bool bouncing = false;
};

// Reads info/N and looks at mess/N and bounce/N. Failure.error: the errno of what could not be
// read.
Result<ListedMessage> list_message(Files& files, mail::QueueLayout layout, mail::MessageId id);

}  // namespace reqmail::queue
