// Work within a transfer whose time does not count against the client.
#pragma once

#include "base/time.h"
#include "sys/clock.h"
#include "sys/patience.h"

namespace reqmail::smtpd {

// Does the work. If it took long, the client's time limit begins anew, since the client could
// not send meanwhile.
template <typename Work>
void with_own_time(sys::Patience& patience, const sys::LeastRate& rate, Work work) {
  constexpr base::Seconds kLong{1};
  const auto begun = sys::monotonic();
  work();
  if (sys::monotonic() - begun >= kLong) {
    patience.at_least(rate);
  }
}

}  // namespace reqmail::smtpd
