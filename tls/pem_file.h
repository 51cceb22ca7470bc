// The contents of PEM files, for the administration of certificates: they are read and
// compared, not used for a connection.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "tls/tlsa.h"

namespace reqmail::tls {

struct CertificateFacts {
  std::string subject;  // as RFC 2253 writes names, in ASCII
  std::string issuer;
  // dNSNames in lower case; the common name if there is none.
  std::vector<std::string> names;
  base::Time begins;
  base::Time ends;
  std::string key;          // such as "EC P-256", "RSA 2048"
  std::string fingerprint;  // SHA-256 in hex
  bool self_signed = false;
  bool authority = false;              // may sign others
  bool tells_where_issuer_is = false;  // has the extension that public CAs put in
};

struct RevocationFacts {
  std::string issuer;
  std::optional<base::Time> ends;  // when the next list is due
};

class PemFile {
 public:
  // All certificates, and the first key, of a text; it may have none of both. A Failure if
  // one of them is damaged, or if the key has a password.
  static Result<PemFile> parse(const std::string& text);
  PemFile(PemFile&& other) noexcept;
  PemFile& operator=(PemFile&& other) noexcept;
  PemFile(const PemFile&) = delete;
  PemFile& operator=(const PemFile&) = delete;
  ~PemFile();

  // In the order of the text.
  [[nodiscard]] const std::vector<CertificateFacts>& certificates() const;

  // The certificate at this index of certificates().
  [[nodiscard]] CertificateBytes bytes(std::size_t at) const;

  [[nodiscard]] bool has_key() const;

  // Whether the key of `keys` belongs to the first certificate here.
  [[nodiscard]] bool is_for_key_of(const PemFile& keys) const;

  // Whether a certificate was signed by another one; indexes into certificates().
  [[nodiscard]] bool is_signed_by(std::size_t below, std::size_t above) const;

  // Why a host with this system's list of CAs does not accept the first certificate, with the
  // others as its chain; nullopt if it does. Names are not compared.
  [[nodiscard]] std::optional<std::string> verify_error(base::Time at) const;

  // In PEM again, without the text around it. The key is a secret: to be wiped.
  [[nodiscard]] std::string certificates_text() const;
  [[nodiscard]] std::string key_text() const;

 private:
  struct State;

  explicit PemFile(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// The revocation lists of a text; at least one, or a Failure.
Result<std::vector<RevocationFacts>> parse_revocations(const std::string& text);

}  // namespace reqmail::tls
