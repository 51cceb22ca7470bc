// Private keys for DKIM: RSA and Ed25519, their files' text, and signatures with them.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::crypto {

enum class KeyKind { rsa, ed25519 };

class PrivateKey {
 public:
  // Returns the key in a text in PEM, which has no password; nullopt if there is none, or one
  // of another kind.
  static std::optional<PrivateKey> from_pem(std::string_view text);

  // Returns a new key; nullopt if the library fails. `bits` counts for RSA alone.
  static std::optional<PrivateKey> generate(KeyKind kind, std::size_t bits);

  PrivateKey(PrivateKey&&) noexcept;
  PrivateKey& operator=(PrivateKey&&) noexcept;
  PrivateKey(const PrivateKey&) = delete;
  PrivateKey& operator=(const PrivateKey&) = delete;
  ~PrivateKey();

  [[nodiscard]] KeyKind kind() const;
  [[nodiscard]] std::size_t bits() const;

  // Returns the signature of a text as PublicKey::verify() checks it; empty if the library
  // fails.
  [[nodiscard]] std::string sign(std::string_view text) const;

  // Returns the public key as a record of the DNS has it before base64 (RFC 6376 section 3.6.1,
  // RFC 8463 section 4): for RSA a SubjectPublicKeyInfo in DER, for Ed25519 the 32 bytes. Empty
  // if the library fails.
  [[nodiscard]] std::string public_bytes() const;

  // Returns the key in PEM (PKCS #8); empty if the library fails. It is a secret: wipe it.
  [[nodiscard]] std::string pem() const;

 private:
  struct State;
  explicit PrivateKey(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace reqmail::crypto
