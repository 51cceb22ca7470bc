// A queue, spawners and a qmail-clean in memory, which carry out the scheduler's actions, with
// a clock that the test sets.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scheduler/scheduler.h"

namespace reqmail::scheduler::testing {

// The defaults of qmail-send without control files.
inline constexpr Seconds kLifetime{604800};

class World {
 public:
  struct Order {
    Channel channel;
    unsigned slot;
    std::uint64_t id;
    std::string sender;
    std::string recipient;
  };

  explicit World(const SchedulerConfig& config = default_config());

  static SchedulerConfig default_config();

  void start(unsigned local = 120, unsigned remote = 120);

  // Adds a message as qmail-queue makes it; the next listing finds it.
  void add_todo(std::uint64_t id, const std::string& sender,
                const std::vector<std::string>& recipients);

  // Adds a preprocessed message of an earlier qmail-send.
  void add_queued(std::uint64_t id, const std::string& sender, const std::string& local,
                  const std::string& remote, Seconds age);

  void give(const Event& event);

  // Lists todo and runs until the scheduler only waits.
  void settle(bool list = true);

  // The same, after the time of grace for all messages.
  void settle_synced();

  void answer(const Order& order, const std::string& report);

  // Returns the orders since the last call.
  std::vector<Order> take_orders();

  // Returns the log since the last call as one string.
  std::string take_log();

  // The steady clock is never set back.
  void pass_time(Seconds by) {
    now += by;
    steady += std::max(by, Seconds(0));
  }

  // Returns how long the scheduler would wait now.
  [[nodiscard]] std::optional<Steady> wait() const { return scheduler->wait({now, steady}); }

  // Forgets everything except the files, as a crash does.
  void restart(const SchedulerConfig& config = default_config());

  Time now = base::from_epoch(1'000'000'000);
  Steady steady{1000};
  std::map<std::string, std::string> files;
  std::map<std::string, Time> times;
  // The names of steps that fail: "mark", "unlink local/7", "create info/7", "bounce", "clean
  // todo", "append", "sync", "utime" ...
  std::set<std::string> failing;
  // The messages whose bounce was queued, with the text of bounce/N.
  std::vector<std::pair<std::uint64_t, std::string>> bounces;
  // The reports that were queued, and what senders want to be told, by message.
  std::vector<NoticeRequest> notices;
  std::map<std::uint64_t, mail::DsnRequest> wishes;
  // The commands to qmail-clean.
  std::vector<std::string> cleans;
  // If these are set, the test itself gives the answers of qmail-clean, and the results of
  // syncs, of notes of failures, and of queue programs.
  bool clean_by_hand = false;
  bool sync_by_hand = false;
  bool note_by_hand = false;
  bool bounce_by_hand = false;
  std::vector<Event> by_hand;
  bool exited = false;
  // A todo/N with more records than this is processed in parts.
  std::size_t todo_records = 100;
  unsigned syncs = 0;
  bool hurried = false;
  std::unique_ptr<Scheduler> scheduler;

 private:
  bool fails(const std::string& what) const { return failing.contains(what); }

  // Passes the event, and checks the scheduler's invariants when all actions are done. Returns
  // whether there was anything to do.
  bool take(const Event& event);
  void act(Action& action);
  void perform(const Log& action);
  void perform(const ListTodo& action);
  void perform(const ExamineMessage& action);
  void perform(const ReadTodo& action);
  void perform(const ReadTodoPart& action);
  void perform(const CompareTodo& action);
  void perform(const WriteTodoResult& action);
  void perform(const SyncMessage& action);
  void perform(const AskClean& action);
  void perform(const OpenPass& action);
  void perform(const ReadPass& action);
  void perform(const StartDelivery& action);
  void perform(const MarkDone& action);
  void perform(const MarkAgain& action);
  void perform(const AppendBounce& action);
  void perform(const InjectBounce& action);
  void perform(const SendNotice& action);
  void perform(const HurryBounces& action);
  void perform(const RemoveRecipients& action);
  void perform(const RemoveInfo& action);
  void perform(const RemoveStrays& action);
  void perform(const Retime& action);
  void perform(const SetBirth& action);
  void perform(const SweepLeftovers& action);
  void perform(const RetryScan& action);
  void perform(const Exit& action);
  // Passes the event now, or keeps it for the test.
  void later(bool keep, const Event& event);
  void remove(const std::string& name);
  void list(bool restart);
  [[nodiscard]] RecordChunk todo_part(const std::string& text, std::size_t offset) const;

  unsigned depth_ = 0;
  std::string log_;
  std::vector<Order> orders_;
  std::deque<Event> pending_;
  std::size_t todo_offset_ = 0;
  std::map<std::uint64_t, PerChannel<std::string>> compared_;
};

// Returns "local/7": this queue has no subdirectories.
std::string file_name(const std::string& kind, std::uint64_t id);

// The possible reports of a delivery.
inline const std::string kYes = "Kyes\n";
inline const std::string kLater = "Zlater\n";
inline const std::string kNo = "Dno\n";

}  // namespace reqmail::scheduler::testing
