// New messages, and those that an earlier qmail-send left: from todo/N, or from info/N alone,
// to a message that can be delivered.
//
//   ListTodo           which todo/N there are; by the trigger, and every kRescan
//   ReadTodo           its beginning, which may be all of it
//   Rewriting          routes the recipients (scheduler/rewriting.h); if a route cannot be known
//                      now, the message is taken up again after kFailedStep
//   WriteTodoResult    info/N, local/N and remote/N; with that deliveries may begin
//
// At the start a todo/N whose files are complete and name the same recipients keeps them with
// their marks and is not announced again (CompareTodo). Messages without todo/N are found by
// the executor's walk over info/ (MessageFound).
//
// One message is taken a turn. A long envelope takes a turn for each part of it, beside others;
// other long ones wait until it is through.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

#include "scheduler/context.h"
#include "scheduler/durability.h"
#include "scheduler/marks.h"
#include "scheduler/new_mail_gate.h"
#include "scheduler/passes.h"
#include "scheduler/rewriting.h"
#include "scheduler/router.h"

namespace reqmail::scheduler {

class Intake {
 public:
  struct Below {
    NewMailGate& gate;
    Durability& durability;
    Marks& marks;
    Passes& passes;
  };

  Intake(const Router::Controls& routing, Seconds lifetime, const Below& below)
      : router_(routing), lifetime_(lifetime), below_(below) {}

  void on(const Reread& event, Context& context);
  void on(const RereadFailed& event, Context& context);
  void on(const MessageFound& event, Context& context);
  void on(const MessageStranded& event, Context& context);
  void on(const MessageUnknown& event, Context& context);
  void on(const ScanFailed& event, Context& context);
  void on(const Pulled& event, Context& context);
  void on(const TodoListed& event, Context& context);
  void on(const TodoUnlistable& event, Context& context);
  void on(const TodoFound& event, Context& context);
  void on(const TodoRead& event, Context& context);
  void on(const TodoCompared& event, Context& context);
  void on(const TodoUnreadable& event, Context& context);
  void on(const TodoWritten& event, Context& context);

  // What is due by the clock, the next part of a long envelope, and one new message.
  void turn(Context& context);

  // qmail-send is to end: what has been written of a long envelope is made anew by the next.
  void end();

  // A message has only a file of another qmail's any more: it stays in the queue and is looked
  // at again now and then.
  void keep_stranded(MessageId id, std::string_view file, Context& context);

  // Tells which of the messages found at the start have a file of another qmail's, and forgets
  // that; empty if there is none.
  std::string take_foreign(MessageId id);

  [[nodiscard]] const Router& router() const { return router_; }

  // When turn() has something to do.
  [[nodiscard]] std::optional<Steady> first() const;

 private:
  void timers(Context& context);
  void list(Context& context);
  void take_todo(Context& context);
  void take_back_unrouted(Steady now);
  void take_back_free_numbers(Context& context);
  void continue_long(Context& context);
  Rewriting* rewriting_of(MessageId id);
  void drop(MessageId id);
  void take_part(Rewriting& rewriting, const RecordChunk& chunk, Context& context);
  void part_done(Rewriting& rewriting, Context& context) const;
  void write_part(const Rewriting& rewriting, Context& context) const;
  void refuse(const Rewriting& rewriting, Rewriting::Fault fault, Context& context);
  bool adopt(const Rewriting& rewriting, const PerChannel<bool>& done, Context& context);
  static void announce(const Rewriting& rewriting, Context& context);
  void preprocessed(const Rewriting& rewriting, Context& context);
  [[nodiscard]] Time clamped(Time due, std::optional<Time> birth, Channel channel,
                             const Context& context) const;

  Router router_;
  Seconds lifetime_;
  Below below_;

  // Found in todo/ and not begun.
  std::deque<std::uint64_t> todo_;
  // Of these, those whose files may be an earlier qmail-send's.
  std::unordered_set<std::uint64_t> restart_;
  // New messages beside which files of an older one with their number may lie.
  std::unordered_set<std::uint64_t> old_files_;
  // A message that is taken in in one go, and one that takes many turns.
  std::optional<Rewriting> rewriting_;
  std::optional<Rewriting> long_rewriting_;
  std::deque<std::uint64_t> long_waiting_;
  // With a route that could not be known: not to be read before their time.
  std::unordered_set<std::uint64_t> unrouted_;
  Timers<std::uint64_t> route_again_;
  // Numbers in use again, whose old message has not left yet.
  std::set<std::uint64_t> reused_;
  // Of messages found at the start: files of another qmail's that bear their numbers.
  std::map<std::uint64_t, std::string> foreign_;

  std::optional<Steady> rescan_;
  std::optional<Steady> retry_scan_;
  Timers<std::uint64_t> examine_;
  // Before this time todo/ is not listed again, though somebody pulls the trigger.
  Steady next_listing_{};
  bool pulled_ = false;
};

}  // namespace reqmail::scheduler
