// Host names in certificates. This code does no input or output.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reqmail::cert {

// Returns whether a certificate may have this name. It consists of labels of 1 to 63 letters,
// digits and '-', has at least two labels and at most 253 bytes, and may begin with "*.". A
// name whose last label has only digits would be an address and is not accepted.
bool is_certificate_name(std::string_view name);

// Returns whether a certificate with these names (in lower case) is valid for the host. Case is
// ignored, and "*." matches one label (RFC 6125 section 6.4).
bool covers(const std::vector<std::string>& names, std::string_view host);

}  // namespace reqmail::cert
