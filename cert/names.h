// Host names of certificates. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reqmail::cert {

// Whether a certificate may have this name: letters, digits and '-' in labels of 1 to 63, two
// labels at least, at most 253 in all; perhaps "*." in front. No address: all digits at the end
// is none.
bool is_certificate_name(std::string_view name);

// Whether a certificate with these names (in lower case) is for the host: case ignored, "*."
// stands for one label (RFC 6125 6.4).
bool covers(const std::vector<std::string>& names, std::string_view host);

}  // namespace reqmail::cert
