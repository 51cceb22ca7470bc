// What holds for every connection of one delivery, whichever process makes it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/time.h"
#include "remote/smtproutes.h"

namespace reqmail::remote {

struct SessionTerms {
  std::string hello;
  base::Seconds connect_timeout{0};
  base::Seconds timeout{0};
  // On the monotonic clock: of the delivery, and of the sessions with one address.
  std::chrono::milliseconds end{0};
  std::chrono::milliseconds session_end{0};
  // Each address may have its share of connections and no more.
  bool shares = false;
  std::uint16_t port = kSmtpPort;
  proto::SaslLogin login;
};

}  // namespace reqmail::remote
