#include "scheduler/idle_guard.h"

#include <utility>

namespace reqmail::scheduler {

IdleGuard::Advice IdleGuard::woken(bool worked, Clock now) {
  if (now - began_ > kSpan) {
    warned_ = false;
    began_ = now;
    idle_ = 0;
  }
  if (worked) {
    began_ = now;
    idle_ = 0;
    return Advice::go_on;
  }
  if (++idle_ < kMost) {
    return Advice::go_on;
  }
  // The pause is no quiet span.
  began_ = now + kPause;
  idle_ = 0;
  return std::exchange(warned_, true) ? Advice::pause : Advice::warn_and_pause;
}

}  // namespace reqmail::scheduler
