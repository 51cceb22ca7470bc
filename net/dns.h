// Look-ups in the DNS for mail.
//
// A negative result makes mail bounce, so it must be the answer of a name server. Everything
// else (no answer, SERVFAIL, REFUSED, a malformed answer, too many aliases) is temporary.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"
#include "base/tlsa_record.h"
#include "net/dns_follow.h"
#include "net/dns_message.h"

namespace reqmail::net {

// Sends queries to name servers. The implementation for the system is in net/dns_libresolv.h.
class DnsTransport {
 public:
  DnsTransport() = default;
  DnsTransport(const DnsTransport&) = delete;
  DnsTransport& operator=(const DnsTransport&) = delete;
  DnsTransport(DnsTransport&&) = delete;
  DnsTransport& operator=(DnsTransport&&) = delete;
  virtual ~DnsTransport() = default;

  // Returns the answer to one question, of any size, or a Failure if none came.
  virtual Result<std::string> ask(const DnsName& name, DnsType type) = 0;
};

template <typename T>
struct Lookup {
  LookupStatus status = LookupStatus::temporary;
  std::vector<T> records;
  // Whether the name servers have verified (AD) the answers for all aliases, even if there are
  // no records.
  bool authenticated = false;
  // The name at the end of all aliases.
  DnsName name = {};
};

struct MailExchanger {
  std::uint16_t preference = 0;
  // The root as host means that the domain accepts no mail (RFC 7505).
  DnsName host;
};

class Dns {
 public:
  explicit Dns(DnsTransport& transport) : transport_(transport) {}

  // The records are in the order of the answer.
  [[nodiscard]] Lookup<MailExchanger> mail_exchangers(const DnsName& name) const;
  [[nodiscard]] Lookup<base::IpAddress> addresses(const DnsName& name,
                                                  base::Family family) const;
  // Malformed records are left out.
  [[nodiscard]] Lookup<base::TlsaRecord> tlsa_records(const DnsName& name) const;
  // Returns the names in the PTR records of an address. Names for which is_host_name() is
  // false are left out.
  [[nodiscard]] Lookup<std::string> names(const base::IpAddress& address) const;

 private:
  [[nodiscard]] Lookup<DnsRecord> look_up(DnsName name, DnsType type) const;

  DnsTransport& transport_;
};

// Converts the data of a TLSA record; nullopt if it is malformed.
std::optional<base::TlsaRecord> to_tlsa(const DnsRecord& record);

// Converts the data of an A or AAAA record to an address.
base::IpAddress to_address(const std::string& bytes);

// Returns whether a text is a name that may be shown, stored and compared: it has only letters,
// digits, '-', '_' and '.'. Names in the DNS may have any byte, and the owner of an address
// chooses its names.
bool is_host_name(std::string_view text);

}  // namespace reqmail::net
