// Domains of which nothing is known, in the reserve of places (scheduler/domain_limits.h): each
// may be one that answers at once, or hang. They are tried one after the other, and do not take
// all of the reserve.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "scheduler/timers.h"

namespace reqmail::scheduler {

class Newcomers {
 public:
  // After this time a newcomer that has not answered is left alone, and the next may be tried.
  static constexpr Steady kPatience{2000};
  // One that has waited longer is one of many that came together, and those before it hang.
  static constexpr Steady kFresh{1000};
  // For so long after an answer of a newcomer, those that have waited are tried too.
  static constexpr Steady kTrust{5000};

  // Returns whether one may start in a reserve of this size that has asked at this time first.
  [[nodiscard]] bool may_start(std::size_t reserve, Steady asked, Steady now) const {
    const bool in_turn = !last_start_ || now - *last_start_ >= kPatience;
    const bool trusted = answered_ && now - *answered_ < kTrust;
    return running_ < share_of(reserve) && in_turn && (trusted || now - asked <= kFresh);
  }

  void started(Steady now) {
    ++running_;
    last_start_ = now;
  }

  // The first delivery to one that has started at this time has ended.
  void ended(Steady start, bool answered, Steady now) {
    --running_;
    if (last_start_ == start) {
      last_start_.reset();
    }
    if (answered) {
      answered_ = now;
    }
  }

 private:
  // At least a quarter is for those that have answered.
  static std::size_t share_of(std::size_t reserve) {
    constexpr std::size_t kQuarter = 4;
    return reserve - std::min(reserve, std::max<std::size_t>(1, reserve / kQuarter));
  }

  std::size_t running_ = 0;
  // Of the one that has started last, if it runs.
  std::optional<Steady> last_start_;
  std::optional<Steady> answered_;
};

}  // namespace reqmail::scheduler
