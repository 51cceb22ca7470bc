// Performs the actions of qmail-send's scheduler on the queue, and collects what goes to the
// log, to the spawners and to qmail-clean. No descriptor but the queue's files: the main loop
// (send/daemon.h) moves the bytes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/time.h"
#include "mail/queue_names.h"
#include "queue/files.h"
#include "queue/todo.h"
#include "scheduler/scheduler.h"
#include "send/bounce.h"
#include "send/files.h"
#include "send/record_reader.h"
#include "send/scan.h"
#include "sys/background.h"

namespace reqmail::send {

// What the main loop is to write.
struct SendOutput {
  // Whole lines.
  std::string log;
  scheduler::PerChannel<std::string> orders;
  std::string clean;
};

class SendExecutor {
 public:
  using Clock = std::chrono::milliseconds;

  struct Parts {
    queue::Files& files;
    mail::QueueLayout layout;
    sys::Background& background;
    BounceSender& bounce_sender;
    scheduler::BounceNames bounce_names;
    // How much of a file of records is read at once.
    std::size_t chunk = kRecordChunk;
  };

  SendExecutor(const scheduler::SchedulerConfig& config, const Parts& parts);

  // The time from now on: the wall clock's for the schedule, a steady one for moments.
  void set_time(base::Time now, Clock steady);

  // An event from outside, and all that follows from it.
  void handle(const scheduler::Event& event);

  // One byte from qmail-clean.
  void clean_answered(char answer);

  // Tasks of the background are done.
  void background_done();

  // Queue programs that got bounces may have ended.
  void bounces_done();

  // Lists todo/ and tells the scheduler.
  void list_todo();

  // Somebody has pulled the trigger: todo/ is listed now or, where it is long and was listed a
  // moment ago, soon.
  void pulled();

  // Turns, until there is nothing to do or `most` are done; whether there may be more.
  bool turns(std::size_t most);

  // Looks at messages found at the start and at leftovers, at most so many; whether there are
  // more.
  bool scan(std::size_t most);

  // Starts the syncs that are due.
  void start_syncs();

  // What is due by the steady clock: the end of a time of grace.
  void moments();

  // When moments(), turns() or a log that waits need attention again; nothing: on events only.
  [[nodiscard]] std::optional<Clock> wait_limit() const;

  SendOutput& output() { return output_; }

  // How many actions there have been: the loop's measure of work done.
  [[nodiscard]] std::uint64_t performed() const { return performed_; }

  // The log is to be written now.
  [[nodiscard]] bool log_ready() const;

  [[nodiscard]] bool exited() const { return exited_; }

 private:
  struct Moment {
    Clock due{};
    std::uint64_t id = 0;
  };

  class QueueTask;
  class SyncTask;
  class NoteTask;

  void perform(scheduler::Log& action);
  void perform(const scheduler::HoldLog& action);
  void perform(const scheduler::ListTodo& action);
  void perform(const scheduler::ExamineMessage& action);
  void perform(const scheduler::ReadTodo& action);
  void perform(const scheduler::ReadTodoPart& action);
  void perform(const scheduler::CompareTodo& action);
  void perform(const scheduler::WriteTodoResult& action);
  void perform(const scheduler::SyncLater& action);
  void perform(const scheduler::SyncMessage& action);
  void perform(const scheduler::AskClean& action);
  void perform(const scheduler::OpenPass& action);
  void perform(const scheduler::ReadPass& action);
  void perform(const scheduler::StartDelivery& action);
  void perform(const scheduler::MarkDone& action);
  void perform(const scheduler::MarkAgain& action);
  void perform(scheduler::AppendBounce& action);
  void perform(const scheduler::InjectBounce& action);
  void perform(const scheduler::HurryBounces& action);
  void perform(const scheduler::RemoveRecipients& action);
  void perform(const scheduler::RemoveInfo& action);
  void perform(const scheduler::RemoveStrays& action);
  void perform(const scheduler::Retime& action);
  void perform(const scheduler::SetBirth& action);
  void perform(const scheduler::SweepLeftovers& action);
  void perform(const scheduler::Exit& action);

  void unable_to_list(const std::string& directory);
  void release_log(mail::MessageId id);
  void begin_bounce(mail::MessageId id);
  void leave_bounces();
  // Whether there was anything to do.
  bool scan_messages();
  bool sweep_leftovers();

  queue::Files& files_;
  mail::QueueLayout layout_;
  sys::Background& background_;
  BounceSender& bounce_sender_;
  scheduler::BounceNames bounce_names_;
  std::size_t chunk_;
  scheduler::Scheduler scheduler_;
  SendOutput output_;

  base::Time now_{};
  Clock steady_{};

  std::deque<Moment> moments_;
  std::vector<queue::UnsyncedMessage> syncs_;
  std::size_t tasks_out_ = 0;
  // Bounces that wait for one of those under way to end.
  std::deque<mail::MessageId> bounces_waiting_;
  bool hurry_ = false;
  std::deque<scheduler::CleanAnswered> cleans_;
  scheduler::PerChannel<RecordReader> readers_;
  // Of the message that is preprocessed in parts.
  RecordReader todo_reader_;
  std::unique_ptr<RecipientComparer> comparer_;
  std::unique_ptr<queue::TodoResultWriter> todo_writer_;

  std::unordered_set<std::uint64_t> held_;
  Clock held_until_{};

  bool listed_ = false;
  bool pulled_ = false;
  Clock next_listing_{};
  QueueWalk messages_;
  // While messages_ is under way: foreign_directories().
  std::optional<std::vector<std::string>> foreign_;
  QueueWalk leftovers_;
  std::optional<Clock> relist_;
  bool more_turns_ = false;
  std::uint64_t performed_ = 0;
  bool exited_ = false;
};

}  // namespace reqmail::send
