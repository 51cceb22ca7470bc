// Bounces of qmail-send: what is sent, and how it gets into the queue while the main loop goes
// on.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.h"
#include "mail/message_id.h"
#include "mail/queue_names.h"
#include "queue/files.h"
#include "scheduler/actions.h"
#include "scheduler/bounce_text.h"

namespace reqmail::send {

// A bounce that is to be queued (scheduler::BounceMail says how its parts follow).
struct BounceOrder {
  mail::MessageId id;
  scheduler::BounceMail mail;
  // Null for a report on recipients that have not failed, whose paragraphs are in the head.
  std::unique_ptr<queue::File> paragraphs;
  std::unique_ptr<queue::File> message;
  // The paragraphs once more, from which the fields of a report are made; null otherwise.
  std::unique_ptr<queue::File> failures = nullptr;
};

// The result of a queue program.
struct BounceResult {
  mail::MessageId id;
  // The bounce is in the queue.
  bool queued = false;
  std::uint64_t pid = 0;
  // It is the result of a report on recipients that have not failed.
  bool is_notice = false;
};

// Puts bounces into the queue. It is an interface, so that the tests need no queue program.
class BounceSender {
 public:
  BounceSender() = default;
  BounceSender(const BounceSender&) = delete;
  BounceSender& operator=(const BounceSender&) = delete;
  virtual ~BounceSender() = default;

  // Returns whether begin() has to wait until one of the running queue programs has ended.
  [[nodiscard]] virtual bool full() const = 0;

  // Begins to send a bounce and returns at once. Returns false if no queue program could be
  // started.
  virtual bool begin(BounceOrder order) = 0;

  // Returns the results that have come since the last call.
  virtual std::vector<BounceResult> take_done() = 0;

  // Called when qmail-send is about to end: from now on no queue program may take long.
  virtual void hurry() = 0;
};

// Performs InjectBounce: examines bounce/N, and if it exists, has the sender send it at once or
// when one of the running queue programs has ended.
class BounceLine {
 public:
  struct Parts {
    queue::Files& files;
    mail::QueueLayout layout;
    BounceSender& sender;
    scheduler::BounceNames names;
    scheduler::BounceForm form = {};
    // Whether what senders ask for counts (control/dsn).
    bool reads_wishes = false;
  };

  explicit BounceLine(const Parts& parts) : parts_(parts) {}

  // Returns the answer, or nullopt if take_done() will return it later.
  std::optional<scheduler::BounceInjected> inject(const scheduler::InjectBounce& action,
                                                  base::Time now);

  // Performs SendNotice in the same way.
  std::optional<scheduler::NoticeSent> notify(const scheduler::SendNotice& action,
                                              base::Time now);

  // The answers that have come since the last call.
  struct Done {
    std::vector<scheduler::BounceInjected> bounces;
    std::vector<scheduler::NoticeSent> notices;
  };

  Done take_done(base::Time now);

  // Changes the form of bounces from now on.
  void set_form(scheduler::BounceForm form) { parts_.form = std::move(form); }

  // Called when qmail-send is about to end.
  void hurry();

 private:
  std::optional<scheduler::BounceInjected> begin(mail::MessageId id, base::Time now);
  std::optional<scheduler::BounceOutcome> send(mail::MessageId id, base::Time now);
  scheduler::BounceOutcome discard(mail::MessageId id, bool is_double);
  bool remove(mail::MessageId id);
  bool send_notice(const scheduler::SendNotice& action, base::Time now);
  void bounce_done(const BounceResult& result, Done& done);

  Parts parts_;
  // The messages whose bounce waits for a queue program; each has a bounce/N.
  std::deque<mail::MessageId> waiting_;
  // Reports on other recipients that wait for one.
  std::deque<scheduler::SendNotice> waiting_notices_;
  bool ending_ = false;
};

}  // namespace reqmail::send
