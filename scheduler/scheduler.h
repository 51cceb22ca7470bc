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
// turn for each part of it, beside the others.
//
// The work is done by parts over one table of messages (scheduler/message_table.h). Each has
// its own state and takes the events that concern it; one uses only parts that stand before it:
//
//   Durability   from Stage::written to Stage::queued
//   Marks        recipients that are done, but could not be marked
//   Passes       waiting lines, jobs, slots: which delivery is begun next
//   Reports      what comes back from the spawners, notes for bounces
//   Intake       todo/N, routing, rewriting, what an earlier qmail-send left
//   Endings      what leaves, in which order
//
// Scheduler itself gives each event to the parts and has each do what is due in a turn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "scheduler/clean_line.h"
#include "scheduler/context.h"
#include "scheduler/durability.h"
#include "scheduler/endings.h"
#include "scheduler/intake.h"
#include "scheduler/marks.h"
#include "scheduler/new_mail_gate.h"
#include "scheduler/passes.h"
#include "scheduler/reports.h"
#include "scheduler/router.h"
#include "scheduler/schedule.h"

namespace reqmail::scheduler {

struct SchedulerConfig {
  PerChannel<std::uint64_t> concurrency{};
  // Beyond this age a deferral is a failure.
  Seconds lifetime{0};
  // Subdirectories of info, local and remote.
  std::uint64_t split = 1;
  // Under which qmail-send queues its bounces.
  std::optional<std::uint64_t> own_uid;
  Router::Controls routing;
  RetrySchedule retry = {};
  // The age at which senders who want it are told that a message is delayed.
  Seconds delay_warning{14400};
  DomainRules domains = {};
  // So many recipients of a message that go to one host start one after the other.
  std::uint64_t together = 1;
};

class Scheduler {
 public:
  explicit Scheduler(const SchedulerConfig& config);
  // The parts refer to each other.
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  Actions handle(const Event& event, Moment now);

  // How long no Turn is needed unless something happens; nullopt: for ever.
  [[nodiscard]] std::optional<Steady> wait(Moment now) const;

  // Returns whether the lines of the log may be written now. If not, they wait until wait() is
  // over or an event has been handled.
  [[nodiscard]] bool log_is_free() const { return !context_.log_hold.holds(); }

  [[nodiscard]] std::size_t messages() const { return context_.messages.size(); }

  // How many messages still have their todo/N.
  [[nodiscard]] std::size_t unsynced() const { return context_.messages.unsynced(); }

  // Describes a message in an illegal state; empty if there is none, as should be whenever all
  // actions have been answered that are answered at once.
  [[nodiscard]] std::string trouble() const { return context_.messages.trouble(); }

 private:
  template <typename Part, typename What>
  static constexpr bool takes() {
    return requires(Part & part, const What& what, Context& context) {
      part.on(what, context);
    };
  }

  template <typename Part, typename What>
  void offer(Part& part, const What& what) {
    if constexpr (takes<Part, What>()) {
      part.on(what, context_);
    }
  }

  // To every part that takes it.
  template <typename What>
  void route(const What& what) {
    static_assert(takes<Passes, What>() || takes<Marks, What>() || takes<Intake, What>() ||
                  takes<Reports, What>() || takes<Endings, What>() || takes<Scheduler, What>());
    offer(passes_, what);
    offer(marks_, what);
    offer(intake_, what);
    offer(reports_, what);
    offer(endings_, what);
    offer(*this, what);
  }

  void on(const Terminate& event, Context& context);
  void on(const Noticed& event, Context& context);
  static void on(const Reread& event, Context& context);
  void on(const Turn& event, Context& context);
  void end_parts();
  [[nodiscard]] bool can_exit() const;
  void exit_if_done();

  Context context_;
  CleanLine clean_;
  NewMailGate gate_;
  Durability durability_;
  Marks marks_;
  Passes passes_;
  Intake intake_;
  Reports reports_;
  Endings endings_;
  // The parts know that qmail-send is to end.
  bool ending_ = false;
  bool exited_ = false;
};

}  // namespace reqmail::scheduler
