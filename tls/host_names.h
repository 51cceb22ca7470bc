// Names in certificates, and the names of hosts (RFC 6125 section 6.4).
#pragma once

#include <string_view>

namespace reqmail::tls {

// Whether a name of a certificate is that of a host: it is equal in any case, or it is `*.`
// and the name of the host without its first label. A host `.name` stands for all hosts below
// that name.
bool names_host(std::string_view certified, std::string_view host);

}  // namespace reqmail::tls
