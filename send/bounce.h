// Sending back what has failed for good: what is to be sent, and how it gets into the queue
// while qmail-send's loop goes on.
#pragma once

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "base/time.h"
#include "mail/message_id.h"
#include "mail/queue_names.h"
#include "queue/files.h"
#include "scheduler/bounce_text.h"
#include "scheduler/events.h"

namespace reqmail::send {

// A notice that is to be queued: its head, bounce/N, its tail, the message.
struct BounceOrder {
  mail::MessageId id;
  scheduler::BounceMail mail;
  std::unique_ptr<queue::File> paragraphs;
  std::unique_ptr<queue::File> message;
};

// How a queue program ended.
struct BounceResult {
  mail::MessageId id;
  // It has queued the notice.
  bool queued = false;
  std::uint64_t pid = 0;
};

// How notices get into the queue. An interface, so that the tests need no queue program.
class BounceSender {
 public:
  BounceSender() = default;
  BounceSender(const BounceSender&) = delete;
  BounceSender& operator=(const BounceSender&) = delete;
  virtual ~BounceSender() = default;

  // Whether another one has to wait until one of those under way has ended.
  [[nodiscard]] virtual bool full() const = 0;

  // Begins to send a notice and returns at once. Returns false if no queue program could be
  // started.
  virtual bool begin(BounceOrder order) = 0;

  // The results that have come since the last call.
  virtual std::vector<BounceResult> take_done() = 0;

  // qmail-send is about to end: none may take long any more.
  virtual void hurry() = 0;
};

// Returns false if there is no bounce/N; fails if that cannot be found out.
Result<bool> bounce_is_there(queue::Files& files, mail::QueueLayout layout, mail::MessageId id);

// The notice of a message that has a bounce/N, or the outcome if none is to be sent. A bounce
// of a double bounce is discarded: bounce/N is removed.
std::variant<BounceOrder, scheduler::BounceOutcome> prepare_bounce(
    queue::Files& files, mail::QueueLayout layout, mail::MessageId id,
    const scheduler::BounceNames& names, base::Time now);

// Removes bounce/N of a notice that is queued.
scheduler::BounceInjected conclude_bounce(queue::Files& files, mail::QueueLayout layout,
                                          const BounceResult& result);

}  // namespace reqmail::send
