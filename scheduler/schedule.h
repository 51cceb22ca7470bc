// When to try again (qmail-send(8)): the waiting messages of a channel in the order in which
// they are due, and the rule for the next try.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/time.h"
#include "scheduler/events.h"

namespace reqmail::scheduler {

// After this time new mail is looked for although no trigger was pulled.
inline constexpr Seconds kRescan{1500};
// Between two sweeps for leftovers.
inline constexpr Seconds kSweepInterval{76431};
// The pause after a step that failed: a file could not be opened, a bounce not be queued ...
inline constexpr Seconds kFailedStep{123};
// The same for a message that the administrator must look after.
inline constexpr Seconds kKeptStep{3600};
// The pause after the failure of a step that has no substitute: listing todo, appending to a
// bounce.
inline constexpr Seconds kAlertSleep{10};
// Earlier times than this (the beginning of 2020) come from a clock that was not set yet.
inline constexpr Time kClockWasSet = base::from_epoch(1577836800);

// The n-th try of a message comes (c n)^2 seconds after its birth or later, with c = 10 for
// local and 20 for remote: after a try at `now`, the next is at
// birth + (sqrt(now - birth) + c)^2. A birth in the future counts as now.
Time next_try(Time birth, Time now, Channel channel);

// The age at the try before one at `age` by the same rule, or 0.
Seconds previous_try(Seconds age, Channel channel);

// The longest time from one try to the next that this rule gives to a message within its
// lifetime.
Seconds longest_step(Seconds lifetime, Channel channel);

// Messages waiting for their time; equal times in the order of arrival. Each takes 16 bytes,
// and none is copied when the line grows.
class WaitingLine {
 public:
  void add(MessageId id, Time due);

  // The next message that is due at `now`, taken out.
  std::optional<MessageId> take_due(Time now);

  // When the first is due.
  [[nodiscard]] std::optional<Time> first() const;

  // All are due now, in their order (ALRM).
  void all_due(Time now);

  // The clock was set back: everyone waits as long as before.
  void shift_back(Seconds by);

  // Calls visit(id, due) for all messages, in no particular order.
  template <typename Visit>
  void for_each(const Visit& visit) const {
    for (const Entry& entry : heap_) {
      visit(MessageId(entry.id), entry.due());
    }
  }

 private:
  // The time in seconds since 1970, up to the year 2514, and the order of arrival are one
  // number, so that comparing it is enough.
  static constexpr unsigned kOrderBits = 30;

  struct Entry {
    std::uint64_t rank = 0;
    std::uint64_t id = 0;

    [[nodiscard]] Time due() const;
  };

  static std::uint64_t rank(Time due, std::uint64_t order);
  static bool later(const Entry& a, const Entry& b);
  void sort();

  std::deque<Entry> heap_;
  std::uint64_t arrivals_ = 0;
};

}  // namespace reqmail::scheduler
