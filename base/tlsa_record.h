// A TLSA record of the DNS (RFC 6698 section 2.1): what a server's certificate must be.
#pragma once

#include <cstdint>
#include <string>

namespace reqmail::base {

struct TlsaRecord {
  std::uint8_t usage = 0;
  std::uint8_t selector = 0;
  std::uint8_t matching = 0;
  std::string data;

  friend bool operator==(const TlsaRecord&, const TlsaRecord&) = default;
};

// Returns whether mail uses such a record (RFC 7672 section 3.1): the server's own key or
// certificate, or an authority of its own, not one of the authorities of web browsers.
bool usable_for_mail(const TlsaRecord& record);

// Returns the data of the record as zone files and reports write it: "3 1 1 0123...".
std::string zone_text(const TlsaRecord& record);

}  // namespace reqmail::base
