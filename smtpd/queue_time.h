// The time that a queue program takes is not that of the client which sends it a message.
#pragma once

#include <chrono>

#include "base/time.h"
#include "sys/clock.h"
#include "sys/patience.h"

namespace reqmail::smtpd {

// Lives while bytes of the message go to the queue program. Where that took long, a program
// that was busy with something else, the client's time begins anew: it could send nothing.
class QueueTime {
 public:
  QueueTime(sys::Patience& patience, const sys::LeastRate& rate)
      : patience_(patience), rate_(rate) {}

  QueueTime(const QueueTime&) = delete;
  QueueTime& operator=(const QueueTime&) = delete;
  QueueTime(QueueTime&&) = delete;
  QueueTime& operator=(QueueTime&&) = delete;

  ~QueueTime() {
    if (sys::monotonic() - begun_ >= kLong) {
      patience_.at_least(rate_);
    }
  }

 private:
  static constexpr base::Seconds kLong{1};

  sys::Patience& patience_;
  const sys::LeastRate& rate_;
  std::chrono::milliseconds begun_ = sys::monotonic();
};

}  // namespace reqmail::smtpd
