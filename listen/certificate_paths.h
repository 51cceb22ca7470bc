// Where the certificates of servers are: paths below qmail's home.
#pragma once

#include <string_view>

#include "control/file_name.h"

namespace reqmail::listen {

inline constexpr std::string_view kServerCertificate = control::path("servercert.pem");

// Has a directory for each name with a certificate of its own.
inline constexpr std::string_view kNamedCertificates = control::path("servercerts");

}  // namespace reqmail::listen
