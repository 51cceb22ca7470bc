// The trigger in qmail-send's main loop. It is opened again when it has gone or changed, and
// replaced by frequent looks if none works.
#pragma once

#include <chrono>
#include <string>

#include "queue/trigger.h"

namespace reqmail::send {

class SendTrigger {
 public:
  using Clock = std::chrono::milliseconds;

  // How often todo is looked at without a trigger.
  static constexpr Clock kBlindLook{3000};
  // How often it is looked at whether the trigger is still the one that qmail-queue pulls.
  static constexpr Clock kRecheck{60000};

  // Opens it. Returns the reason if that cannot be done and has not been returned before, else
  // an empty text. Todo must be looked at afterwards.
  std::string arm(Clock now);

  // The descriptor to be watched; -1 if there is none.
  [[nodiscard]] int fd() const { return trigger_.fd(); }

  void read_empty() { trigger_.read_empty(); }

  // How long nothing is to be done but to watch.
  [[nodiscard]] Clock wait_limit(Clock now) const;

  // Returns whether arm() is to be called now.
  bool due(Clock now);

 private:
  queue::Trigger trigger_;
  Clock next_{};
  bool said_ = false;
};

}  // namespace reqmail::send
