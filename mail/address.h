// Addresses as the queue holds them: bytes, without angle brackets or quotes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reqmail::mail {

// The longest address qmail-queue takes, the final NUL included.
inline constexpr std::size_t kAddressMax = 1003;

// An address split at its last '@'. `domain` is empty and `has_domain` false where there is
// none.
struct AddressParts {
  std::string_view local;
  std::string_view domain;
  bool has_domain = false;
};

AddressParts split_address(std::string_view address);

// Whether there is a byte below the blank, or DEL: nothing that an address from the network may
// have, since it would reach header lines.
bool has_control_character(std::string_view address);

// A local part as RFC 5321 writes it: as it is when it is a dot-atom, else as a quoted string.
std::string quote_local_part(std::string_view local);

// An address with its local part quoted where need be; one without '@' is quoted like a local
// part. The null sender stays empty.
std::string quote_address(std::string_view address);

}  // namespace reqmail::mail
