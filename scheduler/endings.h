// How messages leave the queue, and in which order (scheduler.h has the steps and why). Each
// step is an action; its answer leads to the next step, or puts the rest off.
//
// A bounce is queued by a program that may take long: meanwhile the message is Bounce::running,
// and only its files may become durable.
#pragma once

#include <cstdint>
#include <optional>

#include "scheduler/clean_line.h"
#include "scheduler/context.h"
#include "scheduler/durability.h"
#include "scheduler/intake.h"
#include "scheduler/marks.h"
#include "scheduler/new_mail_gate.h"
#include "scheduler/passes.h"

namespace reqmail::scheduler {

class Endings {
 public:
  struct Below {
    CleanLine& clean;
    NewMailGate& gate;
    Durability& durability;
    Marks& marks;
    Passes& passes;
    Intake& intake;
  };

  explicit Endings(const Below& below) : below_(below) {}

  void on(const Started& event, Context& context);
  void on(const RecipientsRemoved& event, Context& context);
  void on(const BounceInjected& event, Context& context);
  void on(const NoticeSent& event, Context& context);
  void on(const InfoRemoved& event, Context& context);
  void on(const Synced& event, Context& context);
  void on(const CleanAnswered& event, Context& context);
  void on(const CleanLost& event, Context& context);
  void on(const LeftoverFound& event, Context& context);

  // What is due by the clock.
  void timers(Context& context);

  // Messages of the line of those that are to leave, until one of them has something to do.
  void turn(Context& context);

  // qmail-send is to end: nothing that was put off is tried again.
  void end(Context& context);

  // Returns whether no bounce is being queued and no message is in the midst of its end.
  [[nodiscard]] bool at_rest(const Context& context) const;

  // When timers() has something to do.
  [[nodiscard]] std::optional<Steady> first() const { return earlier(again_.first(), sweep_); }

 private:
  void step(MessageId id, Message& message, Context& context);
  bool remove_recipients(MessageId id, const Message& message, Context& context);
  void bounce(MessageId id, Message& message, Context& context);
  void put_off(MessageId id, Message& message, Context& context);
  void put_off_and_stay(MessageId id, Message& message, Context& context);
  void mess_cleaned(MessageId id, Context& context);
  void forget(MessageId id, Context& context);

  Below below_;
  // Messages whose end was put off.
  Timers<std::uint64_t> again_;
  // When mess/ is looked through for leftovers.
  std::optional<Steady> sweep_;
};

}  // namespace reqmail::scheduler
