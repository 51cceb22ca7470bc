// dnsmxip HOST: prints the addresses of the mail exchangers of a domain, each with its
// preference (dnsip(1)).
//
// Runs as: anybody
// Reads: answers of name servers
// Writes: the addresses on descriptor 1, error messages on 2
// Executes: nothing
// Trusts: no name server
// Exits: 0, 100, 111

#include <algorithm>
#include <string>
#include <string_view>

#include "base/number.h"
#include "base/text.h"
#include "net/dns_tool.h"
#include "sys/exits.h"
#include "sys/program.h"

namespace {

namespace net = reqmail::net;

// Appends "ADDRESS PREFERENCE " for each address of a host.
void append(std::string& text, const net::Lookup<reqmail::base::IpAddress>& addresses,
            std::uint16_t preference) {
  for (const reqmail::base::IpAddress& address : addresses.records) {
    text +=
        reqmail::base::concat({address.text(), " ", reqmail::base::decimal(preference), " "});
  }
}

net::DnsToolAnswer exchangers_of(const net::Dns& dns, std::string_view domain) {
  const auto name = net::DnsName::from_text(domain);
  if (!name) {
    return {net::LookupStatus::nothing, {}};
  }
  auto exchangers = dns.mail_exchangers(*name);
  if (exchangers.status == net::LookupStatus::nothing) {
    // A domain without MX records is its own only mail exchanger, with preference 0 (RFC 5321
    // section 5.1).
    exchangers = {net::LookupStatus::found, {net::MailExchanger{0, *name}}};
  }
  net::DnsToolAnswer answer{exchangers.status, {}};
  std::stable_sort(exchangers.records.begin(), exchangers.records.end(),
                   [](const auto& a, const auto& b) { return a.preference < b.preference; });
  for (const net::MailExchanger& exchanger : exchangers.records) {
    const auto addresses = dns.addresses(exchanger.host, reqmail::base::Family::v4);
    append(answer.text, addresses, exchanger.preference);
    if (answer.text.empty()) {
      answer.status = addresses.status;
    }
  }
  if (!answer.text.empty()) {
    answer.status = net::LookupStatus::found;
  }
  return answer;
}

}  // namespace

int main(int argc, char** argv) {
  namespace sys = reqmail::sys;
  const sys::Program program;
  sys::finish(net::dns_tool(argc, argv, "dnsmxip: usage: dnsmxip host", exchangers_of));
}
