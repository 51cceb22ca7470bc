#include "remote/dialer.h"

#include <algorithm>
#include <cerrno>

#include "net/connect.h"
#include "sys/clock.h"

namespace reqmail::remote {

const net::TimeoutTable& Dialer::timeouts() {
  if (!timeouts_) {
    // An unreadable table is an empty one.
    timeouts_ = net::read_timeouts(timeouts_file_).value_or(net::TimeoutTable(""));
  }
  return *timeouts_;
}

bool Dialer::left_alone(const base::IpAddress& address) {
  const bool no_source = address.family() == base::Family::v4 ? no_v4_ : no_v6_;
  return no_source || timeouts().penalised(address, sys::now(), static_cast<unsigned>(pid_));
}

void Dialer::note(const base::IpAddress& address, bool timed_out) {
  const base::Time now = sys::now();
  if (timed_out || timeouts().counts(address, now)) {
    net::note_timeout(timeouts_file_, address, timed_out, now);
  }
}

Result<sys::Fd> Dialer::connect_again(const base::IpAddress& address, std::uint16_t port,
                                      base::Seconds limit) {
  return net::connect_to(address, port, std::min(timeout_, limit), from_.of(address.family()));
}

Result<sys::Fd> Dialer::connect(const base::IpAddress& address, std::uint16_t port,
                                base::Seconds limit) {
  auto socket = connect_again(address, port, limit);
  if (!socket && socket.error().error == EADDRNOTAVAIL && from_.of(address.family())) {
    (address.family() == base::Family::v4 ? no_v4_ : no_v6_) = true;
    return socket;
  }
  note(address, !socket && socket.error().error == ETIMEDOUT);
  return socket;
}

}  // namespace reqmail::remote
