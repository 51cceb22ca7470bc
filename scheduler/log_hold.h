// When the log has to wait: what a line tells of, such as a deferral, is to find the queue as
// netqmail leaves it, which is a moment later.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_set>

#include "mail/message_id.h"
#include "scheduler/timers.h"

namespace reqmail::scheduler {

class LogHold {
 public:
  // The longest that a line waits.
  static constexpr Steady kLongest{100};

  // From now on lines wait until todo/N of this message is gone.
  void hold(mail::MessageId id, Steady now);

  // That is so, or will not be soon.
  void release(mail::MessageId id) { held_.erase(id.number()); }

  // No line waits any more, whatever it waited for.
  void release_all() { held_.clear(); }

  // Releases what has waited long enough.
  void turn(Steady now);

  [[nodiscard]] bool holds() const { return !held_.empty(); }

  // When turn() releases something; nullopt if no line has to wait.
  [[nodiscard]] std::optional<Steady> first() const;

 private:
  std::unordered_set<std::uint64_t> held_;
  Steady until_{};
};

}  // namespace reqmail::scheduler
