// The queue programs that get bounces. Several run at a time, and qmail-send's loop writes to
// their pipes as far as these accept it, so that it never waits for a program. A program that
// takes too long is ended, and its bounce is tried again later.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/delivery_status.h"
#include "scheduler/message_excerpt.h"
#include "send/bounce.h"
#include "submit/queue_program.h"
#include "sys/poller.h"
#include "sys/process.h"

namespace reqmail::send {

// One queue program with the bounce that it gets.
class BounceProgram {
 public:
  BounceProgram(submit::QueueProgram program, BounceOrder order);

  // Writes as much as the pipe accepts, without waiting and not too much at once.
  void feed();

  // Reads and discards what the program writes, so that the program need not wait.
  void drain();

  // Returns the pipe that must be watched for writing; -1 if nothing is left to write.
  [[nodiscard]] int fd() const;

  // Returns the descriptor of the program's output, which must be watched for reading; -1 after
  // its end.
  [[nodiscard]] int words_fd() const { return program_.words.get(); }

  // Closes the pipes before the envelope is complete, so that nothing is queued, and sends a
  // signal.
  void stop(int signal);

  // Returns the result, if the program has ended.
  std::optional<BounceResult> look();

 private:
  enum class Part { head, paragraphs, status, failures, tail, message, closing, envelope, end };

  void give_up();
  // Returns whether there is something to write.
  bool refill();
  void take_part();
  void take_from(queue::File& file, Part next);
  void take_failures();
  void take_message();
  std::optional<std::size_t> read_piece(queue::File& file);

  submit::QueueProgram program_;
  BounceOrder order_;
  scheduler::FailedRecipients failures_;
  scheduler::MessageExcerpt excerpt_;
  Part part_ = Part::head;
  std::string buffer_;
  std::string piece_;
  std::size_t written_ = 0;
  bool whole_ = false;
};

class BouncePrograms final : public BounceSender {
 public:
  using Clock = std::chrono::milliseconds;

  // The number of programs at a time. It equals the number of threads for syncs, since a queue
  // program mostly waits for its own syncs.
  static constexpr std::size_t kMost = 8;

  struct Limits {
    // The longest time that a program may run; and the longest time from the moment at which
    // qmail-send wants to end.
    Clock usual{3'600'000};
    Clock at_end{60'000};
    // The time between the first signal and the second, which cannot be ignored.
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

  // Adds the descriptors that the next serve() needs to the poller.
  void watch(sys::Poller& poller);

  // Feeds the programs whose pipes are ready. Returns whether there were any.
  bool serve(const sys::Poller& poller);

  // Called when a child has ended (SIGCHLD).
  void reap();

  // Ends the programs that have taken too long.
  void enforce_limits(Clock now);

  // Returns how long enforce_limits() need not be called; nullopt means for ever.
  [[nodiscard]] std::optional<Clock> wait_limit(Clock now) const;

 private:
  struct Running {
    Running(submit::QueueProgram started, BounceOrder order, Clock until)
        : program(std::move(started), std::move(order)), limit(until) {}

    BounceProgram program;
    Clock limit;
    // The program has got the first signal.
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
