// Sending back what has failed for good: what is to be sent, and how it gets into the queue
// while qmail-send's loop goes on.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "base/time.h"
#include "mail/message_id.h"
#include "mail/queue_names.h"
#include "queue/files.h"
#include "scheduler/actions.h"
#include "scheduler/bounce_text.h"

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

  // Returns whether another one has to wait until one of those under way has ended.
  [[nodiscard]] virtual bool full() const = 0;

  // Begins to send a notice and returns at once. Returns false if no queue program could be
  // started.
  virtual bool begin(BounceOrder order) = 0;

  // The results that have come since the last call.
  virtual std::vector<BounceResult> take_done() = 0;

  // qmail-send is about to end: none may take long any more.
  virtual void hurry() = 0;
};

// Performs InjectBounce: looks whether there is a bounce/N, and has the sender send it, at once
// or when one of those under way has ended.
class BounceLine {
 public:
  struct Parts {
    queue::Files& files;
    mail::QueueLayout layout;
    BounceSender& sender;
    scheduler::BounceNames names;
  };

  explicit BounceLine(const Parts& parts) : parts_(parts) {}

  // Returns the answer, or nullopt if it comes by take_done().
  std::optional<scheduler::BounceInjected> inject(const scheduler::InjectBounce& action,
                                                  base::Time now);

  // The answers that have come since the last call.
  std::vector<scheduler::BounceInjected> take_done(base::Time now);

  // qmail-send is about to end.
  void hurry();

 private:
  std::optional<scheduler::BounceInjected> begin(mail::MessageId id, base::Time now);
  std::optional<scheduler::BounceOutcome> send(mail::MessageId id, base::Time now);
  bool remove(mail::MessageId id);

  Parts parts_;
  // Each has a bounce/N.
  std::deque<mail::MessageId> waiting_;
  bool ending_ = false;
};

}  // namespace reqmail::send
