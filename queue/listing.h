// Lists the contents of the queue, for qmail-qread and for tests.
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

// The state of a message according to its files: S1 none, S2 mess, S3 mess and intd, S4 mess
// and todo, S5 mess and info. Any other combination is broken.
enum class State { s1, s2, s3, s4, s5, broken };

State state_of(Files& files, mail::QueueLayout layout, mail::MessageId id);

// Returns the numbers of the messages in subdirectory `index` of a kind, in ascending order.
// Those of info are the preprocessed messages.
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

// Reads info/N and examines mess/N and bounce/N. Failure.error is the errno of what could not
// be read.
Result<ListedMessage> list_message(Files& files, mail::QueueLayout layout, mail::MessageId id);

}  // namespace reqmail::queue
