// Checks the dates of certificates, and prints lists of names.
#pragma once

#include <string>
#include <vector>

#include "cert/findings.h"
#include "tls/pem_file.h"

namespace reqmail::cert {

// Checks whether a certificate is valid now and for some more days.
void check_dates(Findings& findings, const std::string& file,
                 const tls::CertificateFacts& facts, const CheckOptions& options,
                 const std::string& remedy);

// Returns the names separated by blanks, or "nobody" if there are none.
std::string list_of(const std::vector<std::string>& names);

}  // namespace reqmail::cert
