// The queue programs that take bounces, several at a time, fed from qmail-send's loop as their
// pipes take it: the loop never waits for one of them. One that takes too long is ended, and
// its bounce is tried again later.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "send/bounce.h"
#include "submit/queue_program.h"
#include "sys/poller.h"
#include "sys/process.h"

namespace reqmail::send {

// One queue program with what it is to get.
class BounceProgram {
 public:
  BounceProgram(submit::QueueProgram program, BounceOrder order);

  // Writes what the pipe takes, without waiting and not too much at once.
  void feed();

  // Reads what the program says and discards it, so that the program need not wait.
  void drain();

  // The pipe to be watched for writing; -1 if there is nothing to be written any more.
  [[nodiscard]] int fd() const;

  // What it says, to be watched for reading; -1 after its end.
  [[nodiscard]] int words_fd() const { return program_.words.get(); }

  // Closes the pipes before the envelope is whole, so that nothing is queued, and sends a
  // signal.
  void stop(int signal);

  // The result, if the program has ended.
  std::optional<BounceResult> look();

 private:
  enum class Part { head, paragraphs, tail, message, envelope, end };

  void give_up();
  // Returns whether there is something to be written.
  bool refill();
  void take_part();
  void take_from(queue::File& file, Part next);

  submit::QueueProgram program_;
  BounceOrder order_;
  Part part_ = Part::head;
  std::string buffer_;
  std::size_t written_ = 0;
  bool whole_ = false;
};

class BouncePrograms final : public BounceSender {
 public:
  using Clock = std::chrono::milliseconds;

  // As many at a time as there are threads for syncs: a queue program mostly waits for these.
  static constexpr std::size_t kMost = 8;

  struct Limits {
    // The longest time one may take, and the same from the moment on when qmail-send is to end.
    Clock usual{3'600'000};
    Clock at_end{60'000};
    // The time to end between the first signal and the second, which cannot be ignored.
    Clock to_end{10'000};
  };

  using Start = std::function<Result<submit::QueueProgram>()>;

  BouncePrograms();

  BouncePrograms(const Limits& limits, Start start)
      : limits_(limits), start_(std::move(start)) {}

  [[nodiscard]] bool full() const override { return running_.size() >= kMost; }

  bool begin(BounceOrder order) override;
  std::vector<BounceResult> take_done() override;
  void hurry() override;

  // Adds what is to be watched for the next serve().
  void watch(sys::Poller& poller);

  // Feeds those whose pipes are ready. Returns whether there were any.
  bool serve(const sys::Poller& poller);

  // A child has ended (SIGCHLD).
  void reap();

  // Ends those that have taken too long.
  void enforce_limits(Clock now);

  // How long nothing of that is to be done.
  [[nodiscard]] std::optional<Clock> wait_limit(Clock now) const;

 private:
  struct Running {
    Running(submit::QueueProgram started, BounceOrder order, Clock until)
        : program(std::move(started), std::move(order)), limit(until) {}

    BounceProgram program;
    Clock limit;
    // It has got the first signal.
    bool stopped = false;
    std::optional<std::size_t> pipe;
    std::optional<std::size_t> words;
  };

  Limits limits_;
  Start start_;
  bool ending_ = false;
  std::vector<Running> running_;
  std::vector<BounceResult> done_;
};

}  // namespace reqmail::send
