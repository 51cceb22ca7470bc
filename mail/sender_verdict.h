// What the DNS says about the sender of a message and about the client: what SPF, the check of
// the sender's domain and lists of clients come to. It travels between the programs that ask
// and those that decide.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"

namespace reqmail::mail {

// The results of check_host() (RFC 7208 section 2.6).
enum class SpfWord : std::uint8_t { none, neutral, pass, fail, softfail, temperror, permerror };

constexpr std::string_view spf_word(SpfWord word) {
  switch (word) {
  case SpfWord::none:
    return "none";
  case SpfWord::neutral:
    return "neutral";
  case SpfWord::pass:
    return "pass";
  case SpfWord::fail:
    return "fail";
  case SpfWord::softfail:
    return "softfail";
  case SpfWord::temperror:
    return "temperror";
  case SpfWord::permerror:
    break;
  }
  return "permerror";
}

// Whether mail could be sent back to a domain.
enum class SenderDomain : std::uint8_t {
  exists,        // it has an MX record or an address
  missing,       // it has neither, by the answers of its name servers
  refuses_mail,  // its only MX record is a null MX (RFC 7505)
  unknown,       // the look-up failed
};

// What one list of clients in the DNS says about a client (RFC 5782).
struct ListFinding {
  enum class Status : std::uint8_t { nothing, found, failed };

  Status status = Status::failed;
  std::vector<base::IpAddress> addresses = {};
  std::string text = {};  // of the list's first TXT record
};

}  // namespace reqmail::mail
