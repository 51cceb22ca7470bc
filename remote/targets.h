// Which addresses get the mail for a host, best first. Names are looked up as far as needed:
// those of worse mail exchangers only after the better ones failed.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/dns.h"
#include "net/ip_address.h"
#include "net/local_addresses.h"
#include "remote/smtproutes.h"

namespace reqmail::remote {

// What the delivery ends with when no address took the connection.
Failure not_connected();
Failure out_of_resources();

class Targets {
 public:
  // Asked at most once, and only where the addresses of this host matter.
  using FindLocalAddresses = std::function<Result<net::LocalAddresses>()>;

  // `relay`: a host from control/smtproutes, whose mail exchangers do not matter, and which may
  // be this host; empty where there is none.
  Targets(const net::Dns& dns, FindLocalAddresses local, std::string host, std::string relay,
          std::uint64_t seed);

  // The next addresses, of equal preference, in the order in which to try them. Empty when none
  // are left; failure() says what that means.
  std::vector<net::IpAddress> next();

  [[nodiscard]] const Failure& failure() const { return failure_; }

 private:
  std::vector<net::IpAddress> start();
  std::vector<net::IpAddress> next_group();
  std::vector<net::IpAddress> by_address_record(const std::string& name);
  bool add_addresses(const net::DnsName& name, std::vector<net::IpAddress>& found);
  std::vector<net::IpAddress> unless_local(std::vector<net::IpAddress> addresses);
  std::vector<net::IpAddress> fail(Failure failure);

  const net::Dns& dns_;
  FindLocalAddresses find_local_;
  std::optional<net::LocalAddresses> local_;
  std::string host_;
  std::string relay_;
  std::uint64_t seed_;
  bool started_ = false;
  // Failed: there is nothing more to look for.
  bool over_ = false;
  // Some address was given out before.
  bool any_ = false;
  // Some exchanger's address could not be found out for now.
  bool uncertain_ = false;
  std::deque<std::vector<net::DnsName>> groups_;
  Failure failure_;
};

}  // namespace reqmail::remote
