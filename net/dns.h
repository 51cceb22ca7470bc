// What the DNS says about hosts, reduced to what mail needs to know.
//
// A "no" must come from a name server that answered: everything else (silence, SERVFAIL,
// REFUSED, malformed or endless answers) is temporary, since a "no" bounces mail.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"
#include "net/dns_follow.h"
#include "net/dns_message.h"

namespace reqmail::net {

// How queries reach name servers. One that really does stands in net/dns_libresolv.h.
class DnsTransport {
 public:
  DnsTransport() = default;
  DnsTransport(const DnsTransport&) = delete;
  DnsTransport& operator=(const DnsTransport&) = delete;
  DnsTransport(DnsTransport&&) = delete;
  DnsTransport& operator=(DnsTransport&&) = delete;
  virtual ~DnsTransport() = default;

  // The answer to one question, of any size; a Failure where none came.
  virtual Result<std::string> ask(const DnsName& name, DnsType type) = 0;
};

template <typename T>
struct Lookup {
  LookupStatus status = LookupStatus::temporary;
  std::vector<T> records;
};

struct MailExchanger {
  std::uint16_t preference = 0;
  // The root: no mail is taken (RFC 7505).
  DnsName host;
};

class Dns {
 public:
  explicit Dns(DnsTransport& transport) : transport_(transport) {}

  // Records in the order of the answer.
  [[nodiscard]] Lookup<MailExchanger> mail_exchangers(const DnsName& name) const;
  [[nodiscard]] Lookup<base::IpAddress> addresses(const DnsName& name,
                                                  base::Family family) const;
  // The names that PTR records give to an address. What is_host_name() denies is none.
  [[nodiscard]] Lookup<std::string> names(const base::IpAddress& address) const;

 private:
  [[nodiscard]] Lookup<DnsRecord> look_up(DnsName name, DnsType type) const;

  DnsTransport& transport_;
};

// The address of an A or AAAA record.
base::IpAddress to_address(const std::string& bytes);

// Whether a text is a name that may be shown, stored and compared: letters, digits, '-', '_'
// and '.' alone. The DNS carries any byte, and whoever owns an address chooses its names.
bool is_host_name(std::string_view text);

}  // namespace reqmail::net
