#include "tls/tlsa.h"

#include <openssl/evp.h>

#include <optional>
#include <string_view>

namespace reqmail::tls {

namespace {

constexpr std::uint8_t kUsageServer = 3;
constexpr std::uint8_t kSelectorKey = 1;
constexpr std::uint8_t kSha256 = 1;

// Returns what a record with this matching type has for the bytes; nullopt if there is no such
// type, or if the library fails.
std::optional<std::string> matching_data(std::uint8_t type, std::string_view bytes) {
  const EVP_MD* algorithm = nullptr;
  switch (type) {
  case 0:
    return std::string(bytes);
  case kSha256:
    algorithm = EVP_sha256();
    break;
  case 2:
    algorithm = EVP_sha512();
    break;
  default:
    return std::nullopt;
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, algorithm, nullptr) != 1) {
    return std::nullopt;
  }
  return std::string(reinterpret_cast<const char*>(digest), size);
}

}  // namespace

bool has_data_of(const base::TlsaRecord& record, const CertificateBytes& certificate) {
  if (record.selector > kSelectorKey) {
    return false;
  }
  const auto data =
      matching_data(record.matching, record.selector == kSelectorKey ? certificate.public_key
                                                                     : certificate.whole);
  return data && *data == record.data;
}

base::TlsaRecord record_of_key(const CertificateBytes& certificate) {
  return {kUsageServer, kSelectorKey, kSha256,
          matching_data(kSha256, certificate.public_key).value_or("")};
}

}  // namespace reqmail::tls
