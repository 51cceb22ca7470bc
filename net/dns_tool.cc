#include "net/dns_tool.h"

#include <unistd.h>

#include "base/text.h"
#include "net/dns_libresolv.h"
#include "sys/exits.h"
#include "sys/stream.h"

namespace reqmail::net {

namespace {

int complain(std::string_view text, int code) {
  (void)sys::write_all(STDERR_FILENO, base::concat({text, "\n"})).has_value();
  return code;
}

}  // namespace

int dns_tool(int argc, char** argv, std::string_view usage, DnsQuestion question) {
  if (argc != 2) {
    return complain(usage, sys::kExitPermanent);
  }
  SystemDns servers;
  const DnsToolAnswer answer = question(Dns(servers), argv[1]);
  switch (answer.status) {
  case LookupStatus::found:
    break;
  case LookupStatus::nothing:
  case LookupStatus::leads_nowhere:
    return complain("hard error", sys::kExitPermanent);
  case LookupStatus::temporary:
    return complain("soft error", sys::kExitTemporary);
  }
  const bool written = sys::write_all(STDOUT_FILENO, answer.text + "\n").has_value();
  return written ? sys::kExitSuccess : sys::kExitTemporary;
}

DnsToolAnswer addresses_of(const Dns& dns, std::string_view host) {
  const auto name = DnsName::from_text(host);
  if (!name) {
    return {LookupStatus::nothing, {}};
  }
  const auto found = dns.addresses(*name, base::Family::v4);
  DnsToolAnswer answer{found.status, {}};
  for (const base::IpAddress& address : found.records) {
    answer.text += address.text() + " ";
  }
  return answer;
}

}  // namespace reqmail::net
