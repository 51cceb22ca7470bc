// Work in the middle of a transfer whose time is not the client's.
#pragma once

#include "base/time.h"
#include "sys/clock.h"
#include "sys/patience.h"

namespace reqmail::smtpd {

// Does the work. If it took long, so that the client could not send meanwhile, the client's
// time begins anew.
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
