// The main loop of both spawners: it reads orders, runs children and writes reports.
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

// A child to run. The engine sets up its descriptors 0, 1 and 2, the policy any others.
struct Run {
  sys::ChildSpec child;
  // The child is not the delivery but a look-up before it: its standard output is kept
  // separately as its answer, and it does not get the message. Otherwise it gets the message as
  // standard input, and its standard output is part of the report. Standard error is always
  // part of the report.
  bool asks = false;
  // Where there is one: it may take the delivery over, which is Waiting then, when it returns
  // true. It gets the message's descriptor, and what makes a process that it forks forget all
  // other deliveries.
  std::function<bool(int message, const std::function<void()>& forget)> take_over = {};
};

// The policy itself works on the delivery, and Policy::collect() reports when that is over.
struct Waiting {};

// Somebody else has made it.
struct Done {
  base::ProgramEnd end;
  std::string output;
};

// The next step of a delivery: a child to run, the end of its last child (even if no child was
// needed), or waiting for the policy.
using Step = std::variant<Run, base::ProgramEnd, Waiting, Done>;

// Decides how a spawner carries out an order.
class Policy {
 public:
  Policy() = default;
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;
  Policy(Policy&&) = delete;
  Policy& operator=(Policy&&) = delete;
  virtual ~Policy() = default;

  // Called for each order before begin(): returns whether the delivery goes with others of the
  // same message, for which begin() was called. Then it is Waiting, and its message is not
  // opened unless go_on() needs it.
  virtual bool joins(const Order& /*order*/) { return false; }

  virtual Step begin(const Order& order) = 0;
  // Called when a look-up has ended and its answer is complete.
  virtual Step answered(const Order& order, base::ProgramEnd end, const Output& answer) = 0;

  // Called before each wait of the engine: adds the policy's descriptors, and returns the time
  // at which the wait must end.
  virtual void watch(sys::Poller& /*poller*/) {}

  [[nodiscard]] virtual std::optional<std::chrono::milliseconds> wakes_at() const { return {}; }

  // Called after each wait: returns the slots whose Waiting is over. The engine then calls
  // go_on() for each of them.
  virtual std::vector<unsigned> collect(const sys::Poller& /*poller*/) { return {}; }

  virtual Step go_on(const Order& /*order*/) { return Waiting(); }

  // Called when the slot no longer waits.
  virtual void forget(unsigned /*slot*/) {}

  // In a process that works for one delivery: nothing of any other shall be known.
  virtual void forget_all() {}

  // Called when a child that is not the engine's has ended and was reaped.
  virtual void child_ended(pid_t /*child*/, base::ProgramEnd /*end*/) {}

  // Returns the report, without its NUL.
  virtual std::string report(base::ProgramEnd end, const Output& output) = 0;
};

struct EngineSettings {
  // The number of deliveries that may run at a time, at most 255.
  unsigned slots = 0;
  // The account to which message files must belong.
  uid_t message_owner = 0;
  // What precedes a message's name in its path: a directory with its slash, or nothing.
  std::string message_directory;
  // The number of bytes of a child's output that are kept.
  std::size_t output_max = 0;
  // The number of deliveries that qmail-send orders at a time.
  std::uint64_t places = 0;
  // The number of deliveries that may run as one user; 0 means no limit. An order beyond that
  // is held until one of them ends. If all places are taken after kHold, it is answered with
  // mail::user_busy_report(), so that it does not block others.
  std::uint64_t user_max = 0;
  // Whether user_max was derived from `places`. Such a limit does not apply while more than
  // `places` orders are being carried out, since their sender then has another limit.
  bool user_max_by_places = false;
  // The longest time of a delivery; 0 means no limit. After it the delivery's processes are
  // killed and it is deferred.
  std::chrono::milliseconds time_limit{0};
};

class Engine {
 public:
  // In this time short deliveries can end and more orders can arrive.
  static constexpr std::chrono::milliseconds kHold{1000};

  Engine(EngineSettings settings, Policy& policy);

  // Takes orders from descriptor 0 and writes reports to descriptor 1 until the orders end and
  // every delivery is reported. If writing fails, the deliveries continue without reports.
  // Catches SIGCHLD and SIGPIPE. It is a Failure if it could not begin.
  Result<void> serve();

 private:
  struct Slot {
    bool used = false;
    Order order;
    sys::Fd message;
    // Both ends of the pipe for the report; the end for writing is closed when no further child
    // needs it.
    sys::Fd output_read;
    sys::Fd output_write;
    Output output;
    bool asking = false;
    // Whether the delivery waits for the policy.
    bool waiting = false;
    sys::Fd answer_read;
    Output answer;
    sys::Child child;
    std::optional<base::ProgramEnd> end;
    // The delivery while it waits because its user has too many others.
    std::optional<Run> held;
    // The time at which it has waited long enough.
    std::chrono::milliseconds held_until{0};
    // The uid that the delivery itself runs as.
    std::optional<uid_t> user;
    // The time at which its processes are killed.
    std::optional<std::chrono::milliseconds> deadline;
    // Whether its processes were killed.
    bool late = false;
    // The indexes of the two pipes in the poller.
    std::optional<std::size_t> output_watch;
    std::optional<std::size_t> answer_watch;
  };

  // Overwrites the data of the delivery.
  static void forget(Slot& slot);
  void watch(int child_signal);
  void take_orders();
  void accept(Order order);
  [[nodiscard]] bool open_message(Slot& slot);
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
  void write_reports();

  EngineSettings settings_;
  Policy& policy_;
  std::vector<Slot> slots_;
  std::size_t running_ = 0;
  OrderReader orders_;
  bool reading_ = true;
  bool writing_ = true;
  // They are written before each wait.
  std::string reports_;
  sys::Fd null_device_;
  sys::Poller poller_;
  std::size_t signal_watch_ = 0;
  std::optional<std::size_t> order_watch_;
};

}  // namespace reqmail::spawn
