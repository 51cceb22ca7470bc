// What the checks of mail authentication ask the DNS, and what they are told. The checks are
// functions of these answers; who asks the name servers is not their business.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "base/ip_address.h"
#include "base/tlsa_record.h"

namespace reqmail::auth822 {

enum class RecordType { a, aaaa, mx, ptr, txt, tlsa };

struct DnsQuestion {
  RecordType type = RecordType::txt;
  // Labels with dots between them, in lower case, without a dot at the end.
  std::string name;

  friend auto operator<=>(const DnsQuestion&, const DnsQuestion&) = default;
};

enum class DnsStatus {
  found,      // there is at least one record
  nothing,    // the name servers say that there is no such record, or no such name
  temporary,  // no name server gave an answer that counts
};

// The records of one question. Only the list that belongs to its type is filled.
struct DnsFacts {
  DnsStatus status = DnsStatus::temporary;
  std::vector<base::IpAddress> addresses;   // A, AAAA
  std::vector<std::string> names;           // MX, in order of preference; PTR
  std::vector<std::string> texts;           // TXT: the strings of a record joined
  std::vector<base::TlsaRecord> tlsa = {};  // without malformed ones
  // The name servers say that they have verified the answer (DNSSEC).
  bool authenticated = false;
};

// The question about a name, which may be of any case and end in a dot.
DnsQuestion question(RecordType type, std::string_view name);

// Whether a text can be asked for: labels of 1 to 63 bytes, 253 bytes in all, a dot at the end
// not counted.
bool is_domain(std::string_view name);

// Whether `name` is `domain` or lies below it.
bool is_within(std::string_view name, std::string_view domain);

}  // namespace reqmail::auth822
