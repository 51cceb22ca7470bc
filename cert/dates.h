// Judging dates of certificates, and lists of names in words.
#pragma once

#include <string>
#include <vector>

#include "cert/findings.h"
#include "tls/pem_file.h"

namespace reqmail::cert {

// Whether a certificate counts now and for some days more.
void check_dates(Findings& findings, const std::string& file,
                 const tls::CertificateFacts& facts, const CheckOptions& options,
                 const std::string& remedy);

// Separated by blanks; "nobody" where there is none.
std::string list_of(const std::vector<std::string>& names);

}  // namespace reqmail::cert
