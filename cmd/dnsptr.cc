// dnsptr ADDRESS: prints the name of an address (dnsip(1)).
//
// Runs as: anybody
// Reads: answers of name servers
// Writes: the name on descriptor 1, error messages on 2
// Executes: nothing
// Trusts: no name server
// Exits: 0, 100, 111

#include <string_view>

#include "net/dns_tool.h"
#include "sys/exits.h"
#include "sys/program.h"

namespace {

namespace net = reqmail::net;

net::DnsToolAnswer name_of(const net::Dns& dns, std::string_view text) {
  const auto address = reqmail::base::IpAddress::parse(text);
  if (!address) {
    return {net::LookupStatus::nothing, {}};
  }
  const auto names = dns.names(*address);
  return {names.status, names.records.empty() ? "" : names.records.front()};
}

}  // namespace

int main(int argc, char** argv) {
  namespace sys = reqmail::sys;
  const sys::Program program;
  sys::finish(net::dns_tool(argc, argv, "dnsptr: usage: dnsptr address", name_of));
}
