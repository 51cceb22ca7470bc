#include "smtpd/filter_peer.h"

#include <unistd.h>

#include "base/number.h"
#include "base/text.h"
#include "base/time.h"
#include "sys/clock.h"

namespace reqmail::smtpd {

std::string message_name(std::uint64_t number_in_session) {
  const auto seconds = static_cast<std::uint64_t>(base::to_epoch(sys::now()));
  return base::concat({base::decimal(seconds), ".",
                       base::decimal(static_cast<std::uint64_t>(::getpid())), ".",
                       base::decimal(number_in_session)});
}

}  // namespace reqmail::smtpd
