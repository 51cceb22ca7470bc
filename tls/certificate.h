// A certificate with its key and chain, as one PEM file holds them.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "tls/handles.h"

namespace reqmail::tls {

struct Certificate {
  Handle<X509> leaf;
  Handle<EVP_PKEY> key;
  Handle<STACK_OF(X509)> chain;
};

// Loads the first certificate of the file, the certificates after it as its chain, and the key,
// which must belong to it and may be anywhere in the file. A key with a password is refused,
// since nobody can be asked for it. The Failure names the file and never shows its contents.
Result<Certificate> load_certificate(const std::string& path);

// The same from the text of a file; `what` is its name in a Failure.
Result<Certificate> parse_certificate(const std::string& what, const std::string& text);

// More is no certificate.
inline constexpr std::size_t kCertificateFileMax = std::size_t{1} << 20;

}  // namespace reqmail::tls
