// The main loop of both spawners: orders in, children, reports out.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/program_end.h"
#include "base/result.h"
#include "mail/verdict_codec.h"
#include "spawn/protocol.h"
#include "spawn/report.h"
#include "sys/fd.h"
#include "sys/poller.h"
#include "sys/process.h"

namespace reqmail::spawn {

// A child to run. The engine sees to its descriptors 0, 1 and 2, the policy to others.
struct Run {
  sys::ChildSpec child;
  // Not the delivery itself but a question before it: the child's standard output is kept
  // apart as its answer, and it does not get the message. Else it gets the message as standard
  // input, and its standard output belongs to the report. Standard error always does.
  bool asks = false;
  // Where there is one: it may take the delivery over, which is Waiting then, when it returns
  // true. It gets the message's descriptor, and what makes a process that it forks forget all
  // other deliveries.
  std::function<bool(int message, const std::function<void()>& forget)> take_over = {};
};

// Somebody else works on it: Policy::collect() says when that is over.
struct Waiting {};

// Somebody else has made it.
struct Done {
  base::ProgramEnd end;
  std::string output;
};

// What a delivery comes to next: a child, or the end that its last child had or would have had.
using Step = std::variant<Run, base::ProgramEnd, Waiting, Done>;

// What a spawner does with an order.
class Policy {
 public:
  Policy() = default;
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;
  Policy(Policy&&) = delete;
  Policy& operator=(Policy&&) = delete;
  virtual ~Policy() = default;

  virtual Step begin(const Order& order) = 0;
  // A child that was asked has ended and its answer is complete.
  virtual Step answered(const Order& order, base::ProgramEnd end, const Output& answer) = 0;

  // Before each wait of the engine: what is to be waited for, and until when at most.
  virtual void watch(sys::Poller& /*poller*/) {}

  [[nodiscard]] virtual std::optional<std::chrono::milliseconds> wakes_at() const { return {}; }

  // After each wait: the slots whose Waiting is over. Each is then asked for by go_on().
  virtual std::vector<unsigned> collect(const sys::Poller& /*poller*/) { return {}; }

  virtual Step go_on(const Order& /*order*/) { return Waiting(); }

  // That slot does not wait any more.
  virtual void forget(unsigned /*slot*/) {}

  // In a process that works for one delivery: nothing of any other shall be known.
  virtual void forget_all() {}

  // A child that is not the engine's has ended and was waited for.
  virtual void child_ended(pid_t /*child*/) {}

  // The report, without its NUL.
  virtual std::string report(base::ProgramEnd end, const Output& output) = 0;
};

struct EngineSettings {
  // How many deliveries may run at a time, at most 255.
  unsigned slots = 0;
  // Whose the message files must be.
  uid_t message_owner = 0;
  // What stands before a message's name: a directory with its slash, or nothing.
  std::string message_directory;
  // How much of a child's output is kept.
  std::size_t output_max = 0;
  // How many of them qmail-send orders at a time.
  std::uint64_t places = 0;
  // How many deliveries may run as one user; 0: any number. An order beyond that is held until
  // one of them ends; after kHold it gets mail::user_busy_report() when all places are taken,
  // so that it does not keep others out.
  std::uint64_t user_max = 0;
  // user_max follows from `places`: it does not bind whoever has more orders out than that and
  // so is not held to them.
  bool user_max_by_places = false;
  // How long a delivery may take; 0: for ever. Then its processes are ended and it is put off.
  std::chrono::milliseconds time_limit{0};
};

class Engine {
 public:
  // Time for short deliveries to end, and for more orders to come in.
  static constexpr std::chrono::milliseconds kHold{1000};

  Engine(EngineSettings settings, Policy& policy);

  // Takes orders from descriptor 0 and gives reports on descriptor 1 until the orders end and
  // every delivery is reported. A failing descriptor 1 stops the reports, not the deliveries.
  // Catches SIGCHLD and SIGPIPE. Failure: it could not begin.
  Result<void> serve();

 private:
  struct Slot {
    bool used = false;
    Order order;
    sys::Fd message;
    // Both ends of the report's pipe; ours to write is closed once no further child needs it.
    sys::Fd output_read;
    sys::Fd output_write;
    Output output;
    bool asking = false;
    // For what the policy collects.
    bool waiting = false;
    sys::Fd answer_read;
    Output answer;
    sys::Child child;
    std::optional<base::ProgramEnd> end;
    // The delivery itself, while its user has too many others.
    std::optional<Run> held;
    // When it has waited long enough.
    std::chrono::milliseconds held_until{0};
    // Whom the delivery itself runs as.
    std::optional<uid_t> user;
    // When its processes are killed.
    std::optional<std::chrono::milliseconds> deadline;
    // They were.
    bool late = false;
    // Where the poller has the two pipes.
    std::optional<std::size_t> output_watch;
    std::optional<std::size_t> answer_watch;
  };

  // Overwrites what is known of the delivery.
  static void forget(Slot& slot);
  void watch(int child_signal);
  void take_orders();
  void accept(Order order);
  void set_deadline(Slot& slot) const;
  void take_step(Slot& slot, Step step);
  void start(Slot& slot, Run& run);
  void keep_to_itself(const Slot& slot, Run& run);
  void forget_others(const Slot& slot);
  void collect(Slot& slot);
  void reap_children(int child_signal);
  void resume_waiting();
  void end_waiting(Slot& slot);
  void advance(Slot& slot);
  [[nodiscard]] bool is_busy(const Run& run) const;
  void hold(Slot& slot, Run& run);
  void start_held();
  void refuse_held();
  [[nodiscard]] std::optional<std::chrono::milliseconds> wait_limit() const;
  void end_late_deliveries();
  void finish(Slot& slot, std::string_view text);
  void send_report(unsigned number, std::string_view text);

  EngineSettings settings_;
  Policy& policy_;
  std::vector<Slot> slots_;
  std::size_t running_ = 0;
  OrderReader orders_;
  bool reading_ = true;
  bool writing_ = true;
  sys::Fd null_device_;
  sys::Poller poller_;
  std::size_t signal_watch_ = 0;
  std::optional<std::size_t> order_watch_;
};

}  // namespace reqmail::spawn
