// What is to be done at a moment of the steady clock, which no change of the date moves.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "base/time.h"

namespace reqmail::scheduler {

// A steady clock's time.
using Steady = std::chrono::milliseconds;

// One moment on both clocks: the date, by which mail grows old and is tried again, and the
// steady clock, by which qmail-send waits.
struct Moment {
  base::Time date{};
  Steady steady{};
};

template <typename What>
class Timers {
 public:
  void add(Steady due, What what) { waiting_.emplace(due, std::move(what)); }

  // The next that is due, taken out.
  std::optional<What> take_due(Steady now) {
    const auto first = waiting_.begin();
    if (first == waiting_.end() || first->first > now) {
      return std::nullopt;
    }
    What what = std::move(first->second);
    waiting_.erase(first);
    return what;
  }

  // When the first is due.
  [[nodiscard]] std::optional<Steady> first() const {
    return waiting_.empty() ? std::nullopt : std::optional<Steady>(waiting_.begin()->first);
  }

  void clear() { waiting_.clear(); }

 private:
  std::multimap<Steady, What> waiting_;
};

// The earlier of two times, of which either may be missing.
template <typename T>
std::optional<T> earlier(std::optional<T> one, std::optional<T> two) {
  return !one || (two && *two < *one) ? two : one;
}

}  // namespace reqmail::scheduler
