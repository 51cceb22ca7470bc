// Public keys that come from the DNS, and signatures made with their private halves.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace reqmail::crypto {

class PublicKey {
 public:
  // A SubjectPublicKeyInfo or RSAPublicKey in DER (RFC 6376 section 3.6.1); absent if it is
  // neither, or another kind of key.
  static std::optional<PublicKey> rsa(std::string_view der);

  // The 32 bytes of a key (RFC 8463).
  static std::optional<PublicKey> ed25519(std::string_view bytes);

  PublicKey(PublicKey&&) noexcept;
  PublicKey& operator=(PublicKey&&) noexcept;
  PublicKey(const PublicKey&) = delete;
  PublicKey& operator=(const PublicKey&) = delete;
  ~PublicKey();

  [[nodiscard]] std::size_t bits() const;

  // Whether the signature is one of this text: PKCS #1 1.5 with SHA-256 for RSA, and for
  // Ed25519 pure Ed25519 over its SHA-256 hash.
  [[nodiscard]] bool verify(std::string_view text, std::string_view signature) const;

 private:
  struct State;
  explicit PublicKey(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace reqmail::crypto
