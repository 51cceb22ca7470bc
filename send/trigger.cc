#include "send/trigger.h"

#include <algorithm>
#include <utility>

namespace reqmail::send {

std::string SendTrigger::arm(Clock now) {
  const auto armed = trigger_.arm();
  next_ = now + (armed ? kRecheck : kBlindLook);
  if (armed) {
    said_ = false;
    return {};
  }
  return std::exchange(said_, true) ? std::string() : armed.error().text;
}

SendTrigger::Clock SendTrigger::wait_limit(Clock now) const {
  return std::max(next_ - now, Clock(0));
}

bool SendTrigger::due(Clock now) {
  if (now < next_) {
    return false;
  }
  next_ = now + kRecheck;
  return trigger_.fd() < 0 || trigger_.outdated();
}

}  // namespace reqmail::send
