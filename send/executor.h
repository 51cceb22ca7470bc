// Performs the actions of qmail-send's scheduler on the queue, and collects the output for the
// log, the spawners and qmail-clean. It uses no descriptors except those of queue files: the
// main loop (send/daemon.h) transfers the bytes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "mail/queue_names.h"
#include "queue/files.h"
#include "queue/todo.h"
#include "scheduler/scheduler.h"
#include "send/bounce.h"
#include "send/files.h"
#include "send/open_lists.h"
#include "send/record_reader.h"
#include "send/scan_pieces.h"
#include "send/todo_files.h"
#include "sys/background.h"

namespace reqmail::send {

// The bytes that the main loop has to write.
struct SendOutput {
  // Whole lines only.
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
    scheduler::BounceForm bounce_form = {};
    // Whether what senders ask for counts (control/dsn).
    bool reads_wishes = false;
    // The number of bytes of a file of records that are read at once.
    std::size_t chunk = kRecordChunk;
  };

  SendExecutor(const scheduler::SchedulerConfig& config, const Parts& parts);

  // Sets the time: that of the wall clock for the schedule, and a monotonic one for moments
  // within this run.
  void set_time(base::Time now, Clock steady);

  // Passes an event to the scheduler and performs all actions that follow from it.
  void handle(const scheduler::Event& event);

  // Changes the form of bounces from now on.
  void set_bounce_form(scheduler::BounceForm form) { bounces_.set_form(std::move(form)); }

  // Takes one byte from qmail-clean.
  void clean_answered(char answer);

  // Called when tasks of `background` are done.
  void background_done();

  // Called when queue programs that got bounces may have ended.
  void bounces_done();

  // Takes ALRM: every message is due, also those that are still to be found.
  void alarm();

  // Lists todo/ and passes its entries to the scheduler.
  void list_todo();

  // Gives the scheduler turns until it has nothing to do or has had `most`. Returns whether
  // there may be more to do.
  bool turns(std::size_t most);

  // Has the next messages and leftovers looked for in the background, unless that is under way.
  // Returns whether it is.
  bool start_scan();

  // Starts the syncs that are due.
  void start_syncs();

  // Returns how long turns() need not be called unless something happens; nullopt means for
  // ever.
  [[nodiscard]] std::optional<Clock> wait_limit() const;

  SendOutput& output() { return output_; }

  // Returns the number of actions so far, by which the loop measures its work.
  [[nodiscard]] std::uint64_t performed() const { return performed_; }

  // Returns whether the log should be written now.
  [[nodiscard]] bool log_ready() const {
    return !output_.log.empty() && scheduler_.log_is_free();
  }

  [[nodiscard]] bool exited() const { return exited_; }

 private:
  class QueueTask;
  class SyncTask;
  class NoteTask;
  class ScanTask;

  void perform_all(scheduler::Actions& actions);
  void perform(scheduler::Log& action);
  void perform(const scheduler::ListTodo& action);
  void perform(const scheduler::ExamineMessage& action);
  void perform(const scheduler::ReadTodo& action);
  void perform(const scheduler::ReadTodoPart& action);
  void perform(const scheduler::CompareTodo& action);
  void perform(const scheduler::WriteTodoResult& action);
  void perform(const scheduler::SyncMessage& action);
  void perform(const scheduler::AskClean& action);
  void perform(const scheduler::OpenPass& action);
  void perform(const scheduler::ReadPass& action);
  void perform(const scheduler::StartDelivery& action);
  void perform(const scheduler::MarkDone& action);
  void perform(const scheduler::MarkAgain& action);
  void perform(scheduler::AppendBounce& action);
  void perform(const scheduler::InjectBounce& action);
  void perform(const scheduler::SendNotice& action);
  void perform(const scheduler::HurryBounces& action);
  void perform(const scheduler::RemoveRecipients& action);
  void perform(const scheduler::RemoveInfo& action);
  void perform(const scheduler::RemoveStrays& action);
  void perform(const scheduler::Retime& action);
  void perform(const scheduler::SetBirth& action);
  void perform(const scheduler::SweepLeftovers& action);
  void perform(const scheduler::RetryScan& action);
  void perform(const scheduler::Exit& action);

  queue::Files& files_;
  mail::QueueLayout layout_;
  sys::Background& background_;
  BounceLine bounces_;
  OpenLists lists_;
  TodoFiles todo_files_;
  ScanPieces scan_;
  // The number of bytes of a file of records that are read at once.
  std::size_t chunk_;
  bool reads_wishes_;
  scheduler::Scheduler scheduler_;
  SendOutput output_;

  scheduler::Moment now_;

  std::vector<queue::UnsyncedMessage> syncs_;
  std::size_t tasks_out_ = 0;
  std::deque<scheduler::CleanAnswered> cleans_;
  scheduler::PerChannel<RecordReader> readers_;
  bool listed_ = false;
  bool more_turns_ = false;
  std::uint64_t performed_ = 0;
  bool exited_ = false;
};

}  // namespace reqmail::send
