// When a message that was deferred is tried again: by the times of control/retryschedule, or by
// qmail's rule (scheduler/schedule.h) where it has none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bad_line.h"
#include "base/time.h"
#include "scheduler/channel.h"

namespace reqmail::scheduler {

class RetrySchedule {
 public:
  // Takes the lines of the file: "local:" or "remote:" and the seconds since the message was
  // queued at which it is tried, ascending. Returns the malformed lines; their channels have
  // qmail's rule.
  std::vector<base::BadLine> set(const std::vector<std::string>& lines);

  // Returns when a message that is tried at `now` is tried next: at the first time of the file
  // that is above its age; after the last one in steps as long as the last step. A birth in the
  // future counts as now.
  [[nodiscard]] base::Time next(base::Time birth, base::Time now, Channel channel) const;

  // Returns the age of a message at the try before the one at `age`, or 0.
  [[nodiscard]] base::Seconds previous(base::Seconds age, Channel channel) const;

  // Returns the longest time from one try to the next of a message within its lifetime.
  [[nodiscard]] base::Seconds longest_step(base::Seconds lifetime, Channel channel) const;

 private:
  // Ages in seconds; empty: qmail's rule.
  PerChannel<std::vector<base::Seconds>> times_;
};

}  // namespace reqmail::scheduler
