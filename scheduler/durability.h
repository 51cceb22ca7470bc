// When the files of a message become durable and todo/N goes: from Stage::written to
// Stage::queued, beside the deliveries (scheduler.h).
//
// After a moment of grace, or as soon as a recipient is put off, the files are synced; then
// qmail-clean is asked for todo/N. A failed sync is final for these files: they are written
// anew before they are synced again, some time later.
#pragma once

#include <cstdint>
#include <optional>

#include "scheduler/clean_line.h"
#include "scheduler/context.h"
#include "scheduler/timers.h"

namespace reqmail::scheduler {

class Durability {
 public:
  // How long a message may be delivered before its files are synced. Until then todo/N alone
  // keeps it, as durable as ever, and most mail is finished by then: a flood of it costs no
  // sync at all.
  static constexpr Steady kGrace{5000};

  explicit Durability(CleanLine& clean) : clean_(clean) {}

  // The message's files have been written.
  void begin(MessageId id, const Context& context);

  // The message will stay: begins to remove its todo/N, unless that is under way.
  void leave_todo(MessageId id, Message& message, Context& context);

  // The same for a message that has just been put off: the log waits for it.
  void leave_todo_before_log(MessageId id, Message& message, Context& context);

  // Each returns true if the message is on its way out and its end goes on with that.
  [[nodiscard]] bool on(const Synced& event, Context& context);
  [[nodiscard]] bool todo_cleaned(const CleanAnswered& event, Context& context);

  // What is due by the clock.
  void turn(Context& context);

  // qmail-send is to end: no message stays half durable.
  void end(Context& context);

  [[nodiscard]] std::optional<Steady> first() const;

 private:
  enum class Again : std::uint8_t { grace, sync, clean };

  struct Due {
    Again what;
    std::uint64_t id;
  };

  void try_again(const Due& due, Context& context);
  static void start_sync(MessageId id, Message& message, Context& context);
  void ask_clean(MessageId id, Message& message, Context& context);

  CleanLine& clean_;
  Timers<Due> timers_;
};

}  // namespace reqmail::scheduler
