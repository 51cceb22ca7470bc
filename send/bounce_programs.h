// Bounces on their way into the queue, several at a time. Where qmailq(8) can take one, it
// does, as it does for other programs of qmail; else a queue program is executed. qmail-send's
// loop gives each as much as it accepts, so that it never waits for one. What takes too long is
// ended, and its bounce is tried again later.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "send/bounce.h"
#include "send/bounce_taker.h"
#include "submit/queue_program.h"
#include "submit/resident_queue.h"
#include "sys/poller.h"

namespace reqmail::send {

class BouncePrograms final : public BounceSender {
 public:
  using Clock = std::chrono::milliseconds;

  // The number of bounces at a time. It equals the number of threads for syncs, since what
  // takes one mostly waits for its own syncs.
  static constexpr std::size_t kMost = 8;

  struct Limits {
    // The longest time that a bounce may take; and the longest time from the moment at which
    // qmail-send wants to end.
    Clock usual{3'600'000};
    Clock at_end{60'000};
    // The time between the first signal and the second, which cannot be ignored.
    Clock to_end{10'000};
  };

  // Asks qmailq; nullopt if it cannot take bounces.
  using Ask = std::function<std::optional<submit::ResidentQueue>()>;
  // Starts a queue program.
  using Start = std::function<Result<submit::QueueProgram>()>;

  BouncePrograms();

  BouncePrograms(const Limits& limits, Ask ask, Start start)
      : limits_(limits), ask_(std::move(ask)), start_(std::move(start)) {}

  [[nodiscard]] bool full() const override { return running_.size() >= kMost; }

  bool begin(BounceOrder order) override;
  std::vector<BounceResult> take_done() override;
  void hurry() override;

  // Adds the descriptors that the next serve() needs to the poller.
  void watch(sys::Poller& poller);

  // Goes on with the bounces whose descriptors are ready. Returns whether there were any.
  bool serve(const sys::Poller& poller);

  // Called when a child has ended (SIGCHLD), and after serve().
  void reap();

  // Returns whether take_done() has something.
  [[nodiscard]] bool any_done() const { return !done_.empty(); }

  // Ends what has taken too long, and executes queue programs where qmailq has refused.
  void enforce_limits(Clock now);

  // Returns how long enforce_limits() need not be called; nullopt means for ever.
  [[nodiscard]] std::optional<Clock> wait_limit(Clock now) const;

 private:
  struct Running {
    std::unique_ptr<BounceTaker> taker;
    Clock limit;
    // The first signal has been sent.
    bool stopped = false;
  };

  std::unique_ptr<BounceTaker> start_program(BounceOrder order) const;
  bool replace_refused(Running& running, Clock now);

  Limits limits_;
  Ask ask_;
  Start start_;
  bool ending_ = false;
  std::vector<Running> running_;
  std::vector<BounceResult> done_;
};

}  // namespace reqmail::send
