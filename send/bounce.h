// Sending back what has failed for good.
#pragma once

#include "base/time.h"
#include "mail/queue_names.h"
#include "queue/files.h"
#include "scheduler/bounce_text.h"
#include "scheduler/events.h"

namespace reqmail::send {

// How a failure notice gets into the queue. An interface, so that the tests need no queue
// program.
class BounceSender {
 public:
  BounceSender() = default;
  BounceSender(const BounceSender&) = delete;
  BounceSender& operator=(const BounceSender&) = delete;
  virtual ~BounceSender() = default;

  struct Outcome {
    // A queue program could be started.
    bool started = false;
    // It has queued the notice.
    bool queued = false;
    std::uint64_t pid = 0;
  };

  // The notice: its head, bounce/N, its tail, the message.
  virtual Outcome send(const scheduler::BounceMail& bounce, queue::File& paragraphs,
                       queue::File& message) = 0;
};

// Through the queue program (submit::Injector).
class QueueBounceSender final : public BounceSender {
 public:
  Outcome send(const scheduler::BounceMail& bounce, queue::File& paragraphs,
               queue::File& message) override;
};

// Sends the bounce of a message if it has any, and removes bounce/N then.
scheduler::BounceInjected inject_bounce(queue::Files& files, mail::QueueLayout layout,
                                        mail::MessageId id, const scheduler::BounceNames& names,
                                        BounceSender& sender, base::Time now);

}  // namespace reqmail::send
