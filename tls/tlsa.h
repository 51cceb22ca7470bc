// Certificates as TLSA records describe them (RFC 6698 section 2.1).
#pragma once

#include <string>

#include "base/tlsa_record.h"

namespace reqmail::tls {

// The DER of a certificate, and of its SubjectPublicKeyInfo.
struct CertificateBytes {
  std::string whole;
  std::string public_key;
};

// Returns whether the data of the record is that of this certificate: selector 0 or 1 (whole,
// key), matching type 0, 1 or 2 (as it is, SHA-256, SHA-512). The usage of the record, which
// says what certificate it may be, is left to the caller.
bool has_data_of(const base::TlsaRecord& record, const CertificateBytes& certificate);

// Returns the record that RFC 7672 section 3.1.1 recommends for the certificate of a server:
// "3 1 1", the SHA-256 of its key.
base::TlsaRecord record_of_key(const CertificateBytes& certificate);

}  // namespace reqmail::tls
