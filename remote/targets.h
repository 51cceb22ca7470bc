// Which addresses get the mail for a host, best first. Names are looked up as far as needed:
// those of worse mail exchangers only after the better ones failed.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"
#include "net/address_versions.h"
#include "net/dns.h"
#include "net/local_addresses.h"
#include "remote/smtproutes.h"

namespace reqmail::remote {

// What the delivery ends with when no address took the connection.
Failure not_connected();
Failure out_of_resources();
Failure shares_taken();

// There is no host of that name, or none can have it.
Failure no_such_host(std::string_view host);

struct Target {
  // The name of the host, as policy_name() has it.
  std::string name;
  base::IpAddress address;
  // The name servers have verified the answers that led to this address.
  bool secure = false;
  // If the name is an alias, the name that it leads to, in the same form; else empty.
  std::string canonical = {};
};

// What is left when one of the addresses took the connection: another process may go on.
struct RemainingTargets {
  std::vector<Target> addresses;
  // Names of worse exchangers.
  std::vector<std::vector<std::string>> groups;
  // Some exchanger's address could not be found out for now.
  bool uncertain = false;
  // The name servers have verified which exchangers there are.
  bool secure = false;
};

class Targets {
 public:
  // Asked at most once, and only if the addresses of this host matter.
  using FindLocalAddresses = std::function<Result<net::LocalAddresses>()>;

  // `relay`: a host from control/smtproutes, whose mail exchangers do not matter, and which may
  // be this host; empty if there is none.
  Targets(const net::Dns& dns, FindLocalAddresses local, net::AddressVersions versions,
          std::string host, std::string relay, std::uint64_t seed);

  // Goes on with what another one has left.
  Targets(const net::Dns& dns, FindLocalAddresses local, net::AddressVersions versions,
          const RemainingTargets& remaining);

  // The next addresses, of equal preference, in the order in which to try them. Empty when none
  // are left; failure() says what that means.
  std::vector<Target> next();

  [[nodiscard]] const Failure& failure() const { return failure_; }

  // What next() would still give, after `addresses` that it gave already.
  [[nodiscard]] RemainingTargets remaining(std::vector<Target> addresses) const;

 private:
  std::vector<Target> start();
  std::vector<Target> next_group();

  struct Addresses {
    net::LookupStatus status = net::LookupStatus::nothing;
    std::vector<base::IpAddress> addresses;
    bool authenticated = true;
    net::DnsName name;  // at the end of all aliases
  };

  Addresses look_up(const net::DnsName& name);
  std::vector<Target> by_address_record(const std::string& name);
  bool add_addresses(const net::DnsName& name, std::vector<Target>& found);
  void append(std::vector<Target>& targets, const std::string& name,
              const Addresses& found) const;
  void order(std::vector<Target>& targets) const;
  [[nodiscard]] Failure unless_of_other_version(const std::vector<net::DnsName>& names,
                                                Failure failure) const;
  std::vector<Target> unless_local(std::vector<Target> targets);
  std::vector<Target> fail(Failure failure);

  const net::Dns& dns_;
  FindLocalAddresses find_local_;
  net::AddressVersions versions_;
  std::optional<net::LocalAddresses> local_;
  std::string host_;
  std::string relay_;
  std::uint64_t seed_ = 0;
  bool started_ = false;
  // Failed: there is nothing more to look for.
  bool over_ = false;
  // Some address was given out before.
  bool any_ = false;
  // Some exchanger's address could not be found out for now.
  bool uncertain_ = false;
  // The name servers have verified which exchangers there are; the administrator, which relay.
  bool secure_ = true;
  // Given out before anything else.
  std::vector<Target> first_;
  std::deque<std::vector<net::DnsName>> groups_;
  // Exchangers without an address that could be used.
  std::vector<net::DnsName> without_address_;
  Failure failure_;
};

}  // namespace reqmail::remote
