// Connects to servers: from the address that the sender's mail leaves from, and with the table
// of addresses that did not answer (net/tcpto.h).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/ip_address.h"
#include "base/result.h"
#include "base/time.h"
#include "net/tcpto.h"
#include "remote/source_addresses.h"
#include "sys/fd.h"

namespace reqmail::remote {

class Dialer {
 public:
  // `timeouts` is the file of the table; the pid makes processes try again at different times.
  Dialer(SourceAddresses from, base::Seconds timeout, std::string timeouts, pid_t pid)
      : from_(from), timeout_(timeout), timeouts_file_(std::move(timeouts)), pid_(pid) {}

  // Returns whether an address is not worth a try: it did not answer recently, or its version
  // of IP cannot be used, since this host does not have the address to connect from.
  [[nodiscard]] bool left_alone(const base::IpAddress& address);

  // Connects, within `limit` too, and records in the table whether the host is alive.
  // Failure.error is the errno.
  Result<sys::Fd> connect(const base::IpAddress& address, std::uint16_t port,
                          base::Seconds limit);

  // The same for an address that took a connection just now: the table stays as it is.
  Result<sys::Fd> connect_again(const base::IpAddress& address, std::uint16_t port,
                                base::Seconds limit);

 private:
  void note(const base::IpAddress& address, bool timed_out);
  const net::TimeoutTable& timeouts();

  SourceAddresses from_;
  base::Seconds timeout_;
  std::string timeouts_file_;
  pid_t pid_;
  std::optional<net::TimeoutTable> timeouts_;
  bool no_v4_ = false;
  bool no_v6_ = false;
};

}  // namespace reqmail::remote
