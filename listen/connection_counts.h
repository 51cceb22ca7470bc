// The connections that a listener has, and how many of them come from one place.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <map>

#include "base/ip_address.h"

namespace reqmail::listen {

class ConnectionCounts {
 public:
  // A process serves a client at this address from now on.
  void begin(pid_t process, const base::IpAddress& client) { clients_[process] = client; }

  // The process has ended. Returns false if it did not serve a client.
  bool end(pid_t process) { return clients_.erase(process) > 0; }

  [[nodiscard]] std::size_t all() const { return clients_.size(); }

  // Each process with its client.
  [[nodiscard]] const std::map<pid_t, base::IpAddress>& clients() const { return clients_; }

  [[nodiscard]] std::size_t of_address(const base::IpAddress& client) const;

  // Those of the client's network: the first 24 bits of an IPv4 address, or the first 64 of an
  // IPv6 address, since a customer usually has that many.
  [[nodiscard]] std::size_t of_network(const base::IpAddress& client) const;

 private:
  [[nodiscard]] std::size_t count(const base::IpAddress& client, std::size_t prefix) const;

  std::map<pid_t, base::IpAddress> clients_;
};

}  // namespace reqmail::listen
