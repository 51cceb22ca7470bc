// What the DNS says about a client and a sender: the results of SPF, of the check of the
// sender's domain, and of lists of clients. The programs that ask the DNS pass them to those
// that decide.
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
  missing,       // it has neither, according to its name servers
  refuses_mail,  // its only MX record is a null MX (RFC 7505)
  unknown,       // the look-up failed
};

// The answer of one list of clients in the DNS about a client (RFC 5782).
struct ListFinding {
  enum class Status : std::uint8_t { nothing, found, failed };

  Status status = Status::failed;
  std::vector<base::IpAddress> addresses = {};
  std::string text = {};  // the first TXT record in the list
};

}  // namespace reqmail::mail
