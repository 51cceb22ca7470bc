// qmail-send's brain: a function of what happened (events) and the time, to what is to be done
// (actions). No I/O, no clock.
//
// A message's files, step by step ("write, do not wait"):
//
//   todo/N found      info/N, local/N, remote/N are written; deliveries start at once
//   Stage::written    todo/N stays: it alone is durable. After a moment of grace, or as soon as
//                     a recipient is put off, the files are synced beside the deliveries
//   Stage::syncing    ... and qmail-clean is asked to remove intd/N and todo/N
//   Stage::cleaning   ...
//   Stage::queued     as qmail knows it
//
// End of a message that is queued: local/N and remote/N go as soon as all their recipients are
// done, then the bounce is queued and bounce/N goes, then info/N, then qmail-clean removes
// mess/N.
//
// End of a message whose todo/N is still there (most mail: delivered within the grace, never
// synced): the recipient files stay, with all recipients marked; bounce; info/N goes; then
// todo/N; then local/N and remote/N; then mess/N. So there is no moment at which a crash would
// bring the message back as a new one: while todo/N is there, the marks are; and no info/N
// whose content was never synced survives todo/N.
//
// At a restart todo/N with complete info/N, local/N, remote/N for the same recipients keeps its
// marks and is not announced again.
//
// Turns: like qmail-send ever did, each turn takes one new message, one recipient per channel
// and one finished message, so that nothing starves. A new message with a long envelope takes a
// turn for each part of it, beside the others (scheduler/intake.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "scheduler/busy_users.h"
#include "scheduler/events.h"
#include "scheduler/intake.h"
#include "scheduler/jobs.h"
#include "scheduler/log_lines.h"
#include "scheduler/reports.h"
#include "scheduler/router.h"
#include "scheduler/schedule.h"
#include "scheduler/unmarked.h"

namespace reqmail::scheduler {

struct SchedulerConfig {
  PerChannel<std::uint64_t> concurrency{{10, 20}};
  Seconds lifetime = kLifetime;
  // Subdirectories of info, local and remote.
  std::uint64_t split = 1;
  // Under which qmail-send queues its bounces.
  std::optional<std::uint64_t> own_uid;
  Router::Controls routing;
};

class Scheduler {
 public:
  explicit Scheduler(const SchedulerConfig& config);

  Actions handle(const Event& event, Time now);

  // When a Turn is needed although nothing happens; nothing: no such time.
  [[nodiscard]] std::optional<Time> wakeup() const;

  [[nodiscard]] std::size_t messages() const { return messages_.size(); }

  // How many messages still have their todo/N.
  [[nodiscard]] std::size_t unsynced() const { return unsynced_; }

 private:
  // A report that has come; they are dealt with in order.
  struct Pending {
    enum class State : std::uint8_t {
      ready,
      unsent,   // the failure must be noted down first
      sent,     // it is being noted down
      refused,  // that failed
    };

    Channel channel = Channel::local;
    Report report;
    bool known = false;
    // The user who has too many deliveries running, where that is what it says.
    std::string busy_user;
    // The log line of a failure has been written.
    bool logged = false;
    State state = State::ready;
  };

  // What is tried again later.
  enum class Again : std::uint8_t { examine, sync, clean_todo, finish, mark };

  // A bounce found in todo/ while others were being queued.
  struct OwnMail {
    // When it waits no longer.
    Time until{};
    // It is in todo_ again.
    bool taken_up = false;
  };

  struct Later {
    Again what;
    std::uint64_t id;
  };

  // scheduler.cc
  void shift_back(Seconds by);
  void on(const Started& event);
  void on(const Alarm& event);
  void on(const Reread& event);
  void on(const RereadFailed& event);
  void on(const Terminate& event);
  void on(const Turn& event);
  void on(const ChannelLost& event);
  void on(const ChannelWritable& event);
  void on(const LeftoverFound& event);
  void on(const RetimeFailed& event);
  void begin_exit();
  [[nodiscard]] bool can_exit() const;
  void exit_if_done();
  void timers();
  void try_again(const Later& later);
  void later(Again what, MessageId id, Seconds after = kFailedStep);
  void log(std::string line);
  void log_status();
  Message* find(MessageId id);
  void set_stage(Message& message, Stage stage);

  // scheduler_todo.cc
  void on(const MessageFound& event);
  void on(const MessageStranded& event);
  // The message stays in the queue, and is looked at again now and then.
  void keep_stranded(MessageId id, std::string_view file);
  void on(const MessageUnknown& event);
  void on(const TodoListed& event);
  void on(const TodoUnlistable& event);
  void on(const TodoUnreadable& event);
  void on(const SyncDue& event);
  void on(const Synced& event);
  void take_todo();
  void start_sync(MessageId id, Message& message, bool hold_log);
  [[nodiscard]] Time clamped(Time due, std::optional<Time> birth, Channel channel) const;

  // scheduler_intake.cc
  void on(const TodoFound& event);
  void on(const TodoRead& event);
  void on(const TodoCompared& event);
  void on(const TodoWritten& event);
  void continue_long_intake();
  Intake* intake_of(MessageId id);
  void drop_intake(MessageId id);
  void take_part(Intake& intake, const RecordChunk& chunk);
  void part_done(Intake& intake);
  void write_part(const Intake& intake);
  void refuse(const Intake& intake, Intake::Fault fault);
  bool adopt(const Intake& intake, const PerChannel<bool>& done);
  void announce(const Intake& intake);
  void preprocessed(const Intake& intake);

  // scheduler_delivery.cc
  void on(const PassOpened& event);
  void on(const PassRead& event);
  void on(const PassFailed& event);
  [[nodiscard]] bool was_emptied(const PassOpened& event, const Message& message) const;
  void on(const RecipientsRemoved& event);
  void pass_step(Channel channel);
  bool wait_for_user(Channel channel, const PassRecord& record);
  bool end_of_chunk(Channel channel);
  void open_pass(Channel channel);
  void begin_pass(Channel channel, MessageId id, std::string_view sender, Time birth,
                  RecordChunk chunk);
  void start_delivery(Channel channel, const PassRecord& record);
  void abandon_pass(Channel channel);
  void end_pass(Channel channel);
  void close_job_if_idle(std::size_t number);
  void put_back(Channel channel, MessageId id, Time due);

  // scheduler_report.cc
  void on(const Reported& event);
  void on(const MarkFailed& event);
  void on(const MarkedAgain& event);
  void on(const BounceNoted& event);
  void mark_again();
  void accept_report(Channel channel, Report report);
  void note_failures();
  void deal_with_reports();
  bool deal_with(Pending& pending);
  void refuse_bounce(Pending& pending, std::uint64_t delivery);
  void settle(Pending& pending, Delivery& delivery, bool done);
  bool park(Job& job);
  void try_parked(const std::string& user);

  // scheduler_end.cc
  void on(const BounceInjected& event);
  void on(const InfoRemoved& event);
  void on(const CleanAnswered& event);
  void on(const CleanLost& event);
  void finish(MessageId id);
  void finish_step(MessageId id, Message& message);
  void todo_cleaned(MessageId id, Message& message);
  void mess_cleaned(MessageId id);
  void ask_clean(CleanKind kind, MessageId id);
  void finish_failed(MessageId id, Message& message);
  void release_todo(Message& message);
  [[nodiscard]] bool waits_for_bounces(const TodoFound& event);
  void release_own_mail();

  SchedulerConfig config_;
  FileNames names_;
  Router router_;

  // Of the event being handled.
  Time now_{};
  Actions actions_;

  std::unordered_map<std::uint64_t, Message> messages_;
  PerChannel<WaitingLine> waiting_;
  PerChannel<std::optional<Pass>> pass_;
  PerChannel<Slots> slots_;
  PerChannel<ReportReader> readers_;
  BusyUsers busy_users_;
  PerChannel<bool> alive_{{true, true}};
  PerChannel<bool> writable_{{true, true}};
  Jobs jobs_;
  std::uint64_t last_delivery_ = 0;

  Unmarked unmarked_;

  std::deque<Pending> reports_;
  // Messages of which a failure is being noted down.
  std::unordered_set<std::uint64_t> noting_;
  std::optional<Time> note_again_;

  std::deque<std::uint64_t> todo_;
  // Found in todo/ at the start and not dealt with yet.
  std::unordered_set<std::uint64_t> restart_;
  // A message that is preprocessed in one go, and one that takes many turns; others of that
  // length wait.
  std::optional<Intake> intake_;
  std::optional<Intake> long_intake_;
  std::deque<std::uint64_t> long_waiting_;
  std::deque<std::uint64_t> finished_;
  // Of messages found at the start: files of another qmail's that bear their numbers.
  std::map<std::uint64_t, std::string> foreign_;
  std::multimap<Time, Later> later_;

  std::optional<Time> rescan_;
  std::optional<Time> sweep_;
  std::size_t unsynced_ = 0;
  std::size_t syncing_ = 0;
  std::size_t cleans_out_ = 0;
  std::size_t bounces_out_ = 0;
  std::map<std::uint64_t, OwnMail> own_mail_;
  std::size_t todo_holders_ = 0;
  std::size_t fresh_bytes_ = 0;
  bool clean_alive_ = true;
  bool exiting_ = false;
  bool exited_ = false;
};

}  // namespace reqmail::scheduler
