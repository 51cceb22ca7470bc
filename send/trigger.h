// The trigger in qmail-send's main loop: opened again when it has gone or changed, replaced by
// a clock where there is none that works.
#pragma once

#include <chrono>
#include <string>

#include "queue/trigger.h"

namespace reqmail::send {

class SendTrigger {
 public:
  using Clock = std::chrono::milliseconds;

  // Without a trigger todo is looked at so often.
  static constexpr Clock kBlindLook{3000};
  // How often it is looked at whether the trigger is still the one that qmail-queue pulls.
  static constexpr Clock kRecheck{60000};

  // Opens it. The reason where that cannot be done and was not said before, else empty. Todo is
  // to be looked at afterwards.
  std::string arm(Clock now);

  // To be watched; -1 where there is none.
  [[nodiscard]] int fd() const { return trigger_.fd(); }

  void read_empty() { trigger_.read_empty(); }

  // How long nothing is to be done but to watch.
  [[nodiscard]] Clock wait_limit(Clock now) const;

  // Whether arm() is to be called now.
  bool due(Clock now);

 private:
  queue::Trigger trigger_;
  Clock next_{};
  bool said_ = false;
};

}  // namespace reqmail::send
