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

// The first certificate of the file, the certificates behind it as its chain, and the key,
// which must belong to it and may stand anywhere. A key with a password is refused: nobody is
// asked. The Failure names the file and never shows what is in it.
Result<Certificate> load_certificate(const std::string& path);

// The same from the text of a file; `what` stands for its name in a Failure.
Result<Certificate> parse_certificate(const std::string& what, const std::string& text);

// More is no certificate.
inline constexpr std::size_t kCertificateFileMax = std::size_t{1} << 20;

}  // namespace reqmail::tls
