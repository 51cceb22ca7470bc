// The trigger in qmail-send's main loop. It is opened again when it has been removed or
// replaced; while it cannot be opened, todo is checked frequently instead.
#pragma once

#include <chrono>
#include <string>

#include "queue/trigger.h"

namespace reqmail::send {

class SendTrigger {
 public:
  using Clock = std::chrono::milliseconds;

  // The interval between checks of todo without a trigger.
  static constexpr Clock kBlindLook{3000};
  // The interval between checks whether the trigger is still the file that qmail-queue opens.
  static constexpr Clock kRecheck{60000};

  // Opens the trigger. If that fails, returns the reason, except if it was returned before;
  // otherwise the text is empty. The caller must check todo afterwards.
  std::string arm(Clock now);

  // Returns the descriptor to watch; -1 if there is none.
  [[nodiscard]] int fd() const { return trigger_.fd(); }

  void read_empty() { trigger_.read_empty(); }

  // Returns how long due() need not be called.
  [[nodiscard]] Clock wait_limit(Clock now) const;

  // Returns whether arm() must be called now.
  bool due(Clock now);

 private:
  queue::Trigger trigger_;
  Clock next_{};
  bool said_ = false;
};

}  // namespace reqmail::send
