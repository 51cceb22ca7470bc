// What is compared with the DNS: this host as its control files describe it, and a domain.
#pragma once

#include <string>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"
#include "dnscheck/server_certificates.h"
#include "proto/dns_lists.h"

namespace reqmail::dnscheck {

// An address from which this host sends, and the name that it says there.
struct SendingAddress {
  base::IpAddress address;
  std::string hello;
};

struct Host {
  std::string name;  // control/me
  std::vector<SendingAddress> addresses;
  // All addresses that lead to this host.
  std::vector<base::IpAddress> own;
  // control/dnsblcheck
  std::vector<proto::DnsList> lists;
  ServerCertificates certificates;
};

// A key that signs the messages of the domain.
struct OwnKey {
  std::string domain;    // d=
  std::string selector;  // s=
  bool rsa = true;
  std::size_t bits = 0;
  // The public key as a record has it, before base64.
  std::string public_bytes;
  // The line of a zone file with its record.
  std::string zone_line;
};

struct Subject {
  std::string domain;  // in lower case
  Host host;
  // This host accepts mail for the domain (rcpthosts, locals or virtualdomains).
  bool receives = false;
  std::vector<OwnKey> keys;
  // Why the keys are not known; empty if they are.
  std::string key_trouble;
};

// Returns "NAME. IN TYPE DATA", to be published.
std::string publish(std::string_view name, std::string_view type, std::string_view data);

// Returns whether the address cannot be reached from the Internet (RFC 6890): a private,
// shared, link-local or loopback one.
bool is_private(const base::IpAddress& address);

}  // namespace reqmail::dnscheck
