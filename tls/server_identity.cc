#include "tls/server_identity.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/text.h"
#include "tls/host_names.h"

namespace reqmail::tls {

namespace {

// What a report shows of a name that a server made up.
constexpr std::size_t kShownMax = 255;

enum class Match { none_there, none_fits, fits };

std::string_view bytes_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

bool names_any(std::string_view certified, const std::vector<std::string>& hosts) {
  return std::any_of(hosts.begin(), hosts.end(), [certified](const std::string& host) {
    return names_host(certified, host);
  });
}

Match match_alternatives(const X509* certificate, const std::vector<std::string>& hosts) {
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  Match result = Match::none_there;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_DNS) {
      continue;
    }
    if (names_any(bytes_of(name->d.dNSName), hosts)) {
      result = Match::fits;
      break;
    }
    result = Match::none_fits;
  }
  GENERAL_NAMES_free(names);
  ERR_clear_error();
  return result;
}

// The first common name; nullopt if there is none or it is no text.
std::optional<std::string> common_name(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) {
    return std::nullopt;
  }
  unsigned char* bytes = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) {
    ERR_clear_error();
    return std::nullopt;
  }
  std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  if (text.empty()) {
    return std::nullopt;
  }
  return text;
}

}  // namespace

std::optional<std::string> verify_dane(const Connection& connection) {
  SSL* ssl = connection.get();
  const long result = SSL_get_verify_result(ssl);
  if (result == X509_V_OK && SSL_get0_dane_authority(ssl, nullptr, nullptr) >= 0) {
    return std::nullopt;
  }
  return result == X509_V_OK || result == X509_V_ERR_DANE_NO_MATCH
             ? std::string("no matching TLSA record")
             : std::string(X509_verify_cert_error_string(result));
}

std::optional<IdentityError> verify_server(const Connection& connection,
                                           const std::vector<std::string>& names) {
  SSL* ssl = connection.get();
  const X509* certificate = SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr) {
    return IdentityError{false, "no certificate provided"};
  }
  if (const long result = SSL_get_verify_result(ssl); result != X509_V_OK) {
    return IdentityError{true, X509_verify_cert_error_string(result),
                         result == X509_V_ERR_CERT_HAS_EXPIRED};
  }
  switch (match_alternatives(certificate, names)) {
  case Match::fits:
    return std::nullopt;
  case Match::none_fits:
    return IdentityError{false, "certificate contains no matching dNSNnames"};
  case Match::none_there:
    break;
  }
  const auto common = common_name(certificate);
  if (!common) {
    return IdentityError{false, "certificate contains no valid commonName"};
  }
  if (names_any(*common, names)) {
    return std::nullopt;
  }
  return IdentityError{
      false, base::concat({"received certificate for ",
                           base::printable(std::string_view(*common).substr(0, kShownMax))})};
}

}  // namespace reqmail::tls
