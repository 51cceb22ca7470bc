#include "scheduler/log_hold.h"

namespace reqmail::scheduler {

void LogHold::hold(mail::MessageId id, Steady now) {
  if (held_.empty()) {
    until_ = now + kLongest;
  }
  held_.insert(id.number());
}

void LogHold::turn(Steady now) {
  if (now >= until_) {
    held_.clear();
  }
}

std::optional<Steady> LogHold::first() const {
  return held_.empty() ? std::nullopt : std::optional<Steady>(until_);
}

}  // namespace reqmail::scheduler
