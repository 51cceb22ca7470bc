// Addresses in the form that the queue has: bytes, without angle brackets or quotes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reqmail::mail {

// The longest address that qmail-queue accepts, with its final NUL.
inline constexpr std::size_t kAddressMax = 1003;

// An address split at its last '@'. Without one, `domain` is empty and `has_domain` is false.
struct AddressParts {
  std::string_view local;
  std::string_view domain;
  bool has_domain = false;
};

AddressParts split_address(std::string_view address);

// Returns whether there is a character below the blank, or DEL. No address from the network may
// have one, since addresses become part of header lines.
bool has_control_character(std::string_view address);

// Returns a local part as RFC 5321 requires it: unchanged if it is a dot-atom, else as a quoted
// string.
std::string quote_local_part(std::string_view local);

// Returns an address with its local part quoted if necessary. An address without '@' is quoted
// like a local part, and the null sender stays empty.
std::string quote_address(std::string_view address);

}  // namespace reqmail::mail
