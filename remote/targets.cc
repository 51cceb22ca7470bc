#include "remote/targets.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "remote/mx_plan.h"
#include "remote/tls_policy.h"

namespace reqmail::remote {

namespace {

Failure unknown_for_now() {
  return temporary("Sorry, I couldn't find any host by that name. (#4.1.2)");
}

Failure no_address() {
  return permanent("Sorry, I couldn't find a mail exchanger or IP address. (#5.4.4)");
}

Failure other_version_only() {
  return temporary("Sorry, that host has no address of a version of IP that I use. (#4.4.4)");
}

Failure takes_no_mail() {
  return permanent("Sorry, host does not accept mail (null MX). (#5.1.10)");
}

Failure is_this_host() {
  return permanent(
      "Sorry. Although I'm listed as a best-preference MX or A for that host,\n"
      "it isn't in my control/locals file, so I don't treat it as local. (#5.4.6)");
}

std::optional<base::IpAddress> address_of_text(std::string_view text) {
  const auto literal = base::IpAddress::parse_literal(text);
  return literal ? literal : base::IpAddress::parse(text);
}

}  // namespace

Failure no_such_host(std::string_view host) {
  return permanent(base::concat(
      {"Sorry, I couldn't find any host named ", base::printable(host), ". (#5.1.2)"}));
}

Failure not_connected() {
  return temporary("Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)");
}

Failure out_of_resources() {
  return temporary("System resources temporarily unavailable. (#4.3.0)");
}

Failure shares_taken() {
  return temporary("Sorry, that host has as many connections as I allow one address. (#4.4.5)");
}

Targets::Targets(const net::Dns& dns, FindLocalAddresses local, net::AddressVersions versions,
                 std::string host, std::string relay, std::uint64_t seed)
    : dns_(dns),
      find_local_(std::move(local)),
      versions_(std::move(versions)),
      host_(std::move(host)),
      relay_(std::move(relay)),
      seed_(seed) {}

Targets::Targets(const net::Dns& dns, FindLocalAddresses local, net::AddressVersions versions,
                 const RemainingTargets& remaining)
    : dns_(dns),
      find_local_(std::move(local)),
      versions_(std::move(versions)),
      started_(true),
      any_(true),
      uncertain_(remaining.uncertain),
      secure_(remaining.secure),
      first_(remaining.addresses),
      failure_(not_connected()) {
  for (const auto& names : remaining.groups) {
    std::vector<net::DnsName> group;
    for (const std::string& name : names) {
      if (const auto wire_name = net::DnsName::from_text(name)) {
        group.push_back(*wire_name);
      }
    }
    groups_.push_back(std::move(group));
  }
}

RemainingTargets Targets::remaining(std::vector<Target> addresses) const {
  RemainingTargets left;
  left.addresses = std::move(addresses);
  left.uncertain = uncertain_;
  left.secure = secure_;
  for (const auto& group : groups_) {
    auto& names = left.groups.emplace_back();
    for (const net::DnsName& name : group) {
      names.push_back(name.text());
    }
  }
  return left;
}

std::vector<Target> Targets::next() {
  if (over_) {
    return {};
  }
  if (!first_.empty()) {
    return std::exchange(first_, {});
  }
  auto found = started_ ? next_group() : start();
  started_ = true;
  any_ = any_ || !found.empty();
  return found;
}

std::vector<Target> Targets::fail(Failure failure) {
  over_ = true;
  failure_ = std::move(failure);
  return {};
}

// The mail exchangers of a group that are as good as this host are no use: they would send the
// mail here, or this host is meant to keep it.
std::vector<Target> Targets::unless_local(std::vector<Target> targets) {
  if (!local_) {
    auto local = find_local_();
    if (!local) {
      return fail(out_of_resources());
    }
    local_ = std::move(*local);
  }
  const bool here = std::any_of(targets.begin(), targets.end(), [this](const Target& target) {
    return local_->lead_here(target.address);
  });
  if (!here) {
    return targets;
  }
  if (any_) {
    return fail(not_connected());
  }
  return fail(uncertain_ ? unknown_for_now() : is_this_host());
}

// Looks up the addresses of a name in all versions in use. What one version has is enough, but
// without any address each version must be certain that there is none.
Targets::Addresses Targets::look_up(const net::DnsName& name) {
  Addresses all;
  for (const base::Family family : versions_.order) {
    const auto found = dns_.addresses(name, family);
    all.addresses.insert(all.addresses.end(), found.records.begin(), found.records.end());
    all.authenticated = all.authenticated && found.authenticated;
    all.name = found.name;
    if (found.status == net::LookupStatus::temporary ||
        (found.status == net::LookupStatus::leads_nowhere &&
         all.status == net::LookupStatus::nothing)) {
      all.status = found.status;
    }
  }
  if (!all.addresses.empty()) {
    all.status = net::LookupStatus::found;
  }
  return all;
}

void Targets::append(std::vector<Target>& targets, const std::string& name,
                     const Addresses& found) const {
  const std::string own = policy_name(name);
  const std::string end = policy_name(found.name.text());
  for (const base::IpAddress& address : found.addresses) {
    targets.push_back({own, address, secure_ && found.authenticated, end == own ? "" : end});
  }
}

// The preferred version of IP comes first.
void Targets::order(std::vector<Target>& targets) const {
  std::stable_partition(targets.begin(), targets.end(), [this](const Target& target) {
    return target.address.family() == versions_.order.front();
  });
}

// A host that has addresses of the version of IP that is not in use does exist: mail for it
// waits until this host can use that version.
Failure Targets::unless_of_other_version(const std::vector<net::DnsName>& names,
                                         Failure failure) const {
  const base::Family other = net::other_family(versions_.order.front());
  if (versions_.has(other)) {
    return failure;
  }
  for (const net::DnsName& name : names) {
    switch (dns_.addresses(name, other).status) {
    case net::LookupStatus::found:
      return other_version_only();
    case net::LookupStatus::temporary:
      failure = unknown_for_now();
      break;
    case net::LookupStatus::nothing:
    case net::LookupStatus::leads_nowhere:
      break;
    }
  }
  return failure;
}

std::vector<Target> Targets::by_address_record(const std::string& name) {
  if (const auto address = address_of_text(name)) {
    return {Target{{}, *address}};
  }
  const auto wire_name = net::DnsName::from_text(name);
  if (!wire_name) {
    return fail(no_such_host(name));
  }
  const auto found = look_up(*wire_name);
  std::vector<Target> targets;
  switch (found.status) {
  case net::LookupStatus::found:
    append(targets, name, found);
    order(targets);
    return targets;
  case net::LookupStatus::nothing:
    return fail(unless_of_other_version({*wire_name}, no_such_host(name)));
  case net::LookupStatus::leads_nowhere:
    return fail(unless_of_other_version({*wire_name}, no_address()));
  case net::LookupStatus::temporary:
    break;
  }
  return fail(unknown_for_now());
}

std::vector<Target> Targets::start() {
  // What is left to say once the first addresses have been tried.
  failure_ = not_connected();
  if (!relay_.empty()) {
    return by_address_record(relay_);
  }
  const auto name = net::DnsName::from_text(host_);
  if (!address_of_text(host_) && name) {
    auto exchangers = dns_.mail_exchangers(*name);
    if (exchangers.status == net::LookupStatus::temporary) {
      return fail(unknown_for_now());
    }
    secure_ = exchangers.authenticated;
    if (exchangers.status == net::LookupStatus::found) {
      auto plan = plan_exchangers(std::move(exchangers.records), seed_);
      if (plan.null_mx) {
        return fail(takes_no_mail());
      }
      groups_.assign(std::make_move_iterator(plan.groups.begin()),
                     std::make_move_iterator(plan.groups.end()));
      return next_group();
    }
  }
  auto addresses = by_address_record(host_);
  return addresses.empty() ? addresses : unless_local(std::move(addresses));
}

// False: the name's addresses cannot be found out for now.
bool Targets::add_addresses(const net::DnsName& name, std::vector<Target>& found) {
  // Some zones name an address where a host belongs.
  if (const auto address = base::IpAddress::parse(name.text())) {
    found.push_back({{}, *address});
    return true;
  }
  const auto lookup = look_up(name);
  append(found, name.text(), lookup);
  if (lookup.addresses.empty()) {
    without_address_.push_back(name);
  }
  return lookup.status != net::LookupStatus::temporary;
}

std::vector<Target> Targets::next_group() {
  while (!groups_.empty()) {
    std::vector<Target> found;
    for (const net::DnsName& name : groups_.front()) {
      uncertain_ = !add_addresses(name, found) || uncertain_;
    }
    groups_.pop_front();
    if (!found.empty()) {
      order(found);
      return unless_local(std::move(found));
    }
  }
  if (!any_) {
    return fail(uncertain_ ? unknown_for_now()
                           : unless_of_other_version(without_address_, no_address()));
  }
  return {};
}

}  // namespace reqmail::remote
