// The TLSA records of a server (RFC 7672), which say by which certificate it is known.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/tlsa_record.h"
#include "net/dns.h"
#include "remote/targets.h"

namespace reqmail::remote {

struct DaneRecords {
  enum class State {
    absent,    // there are none, or nobody vouches for them
    unusable,  // there are some, and none is for mail: TLS, but nobody is verified
    usable,
    unknown  // the look-up failed, and what it would have found might matter
  };

  State state = State::absent;
  // The name for which the records were found; the server is asked for it.
  std::string base;
  // The usable ones.
  std::vector<base::TlsaRecord> records;
};

// Looks the records of a server up, if its name and address came from verified answers.
DaneRecords find_dane_records(const net::Dns& dns, const Target& target, std::uint16_t port);

}  // namespace reqmail::remote
