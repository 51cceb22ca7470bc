// Notices a main loop that is woken again and again and finds nothing to do, whatever wakes it.
#pragma once

#include <chrono>
#include <cstddef>

namespace reqmail::scheduler {

class IdleGuard {
 public:
  using Clock = std::chrono::milliseconds;

  // So many wake-ups without work, one after the other within this span, are too many.
  static constexpr std::size_t kMost = 1000;
  static constexpr Clock kSpan{1000};
  // How long the loop is to rest then.
  static constexpr Clock kPause{1000};

  enum class Advice { go_on, pause, warn_and_pause };

  // After a wake-up, at a time of a steady clock. There is one warning until a span passes with
  // fewer wake-ups.
  Advice woken(bool worked, Clock now);

 private:
  Clock began_{};
  std::size_t idle_ = 0;
  bool warned_ = false;
};

}  // namespace reqmail::scheduler
