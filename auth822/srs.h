// The sender rewriting scheme: a forwarder puts its own domain into the sender, so that SPF of
// the sender's domain does not concern it, and keeps the sender in the local part:
//
//   SRS0=HASH=DAY=DOMAIN=LOCAL        the sender LOCAL@DOMAIN
//   SRS1=HASH=FORWARDER==REST         SRS0=REST@FORWARDER, rewritten once more
//
// The tokens are those of Mail::SRS and libsrs2: HASH is the beginning of the HMAC-SHA1, in
// base 64, of what comes after it, in lower case and without the signs between the parts; DAY
// is the number of the day in two digits of base 32. Both are compared without regard to case.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::auth822 {

struct SrsSettings {
  std::string domain;                // srs_domain
  std::vector<std::string> secrets;  // srs_secrets: the first one signs
  std::uint64_t max_age = 21;        // srs_maxage, in days
  std::size_t hash_length = 4;       // srs_hashlength
  std::size_t hash_min = 4;          // srs_hashmin
  char separator = '=';              // srs_separator: '=', '-' or '+'
};

enum class SrsFault {
  none,
  not_srs,  // the local part is of another form
  forged,
  expired,
};

struct SrsSender {
  SrsFault fault = SrsFault::none;
  std::string address;  // if there is no fault
};

// Returns whether a local part begins as SRS0 or SRS1 do.
bool looks_like_srs(std::string_view address);

// Returns the address that stands for a sender; `time` is in seconds since the epoch. There
// must be a secret. Returns nullopt for a sender without local part or domain.
std::optional<std::string> srs_forward(std::string_view sender, const SrsSettings& settings,
                                       std::uint64_t time);

// Returns the sender for which an address stands. Its domain is not looked at.
SrsSender srs_reverse(std::string_view address, const SrsSettings& settings,
                      std::uint64_t time);

}  // namespace reqmail::auth822
