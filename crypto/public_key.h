// Public keys from the DNS, and the verification of signatures with them.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace reqmail::crypto {

// RFC 8301 section 3.2, and a limit to the work that a key can ask for.
inline constexpr std::size_t kRsaBitsMin = 1024;
inline constexpr std::size_t kRsaBitsMax = 8192;

class PublicKey {
 public:
  // Returns the key in a SubjectPublicKeyInfo or RSAPublicKey in DER (RFC 6376 section 3.6.1);
  // nullopt if it is neither, or a key of another kind.
  static std::optional<PublicKey> rsa(std::string_view der);

  // Returns the key with these 32 bytes (RFC 8463).
  static std::optional<PublicKey> ed25519(std::string_view bytes);

  PublicKey(PublicKey&&) noexcept;
  PublicKey& operator=(PublicKey&&) noexcept;
  PublicKey(const PublicKey&) = delete;
  PublicKey& operator=(const PublicKey&) = delete;
  ~PublicKey();

  [[nodiscard]] std::size_t bits() const;

  // Returns whether this is a signature of the text: for RSA with PKCS #1 1.5 and SHA-256, for
  // Ed25519 with pure Ed25519 over the SHA-256 hash of the text.
  [[nodiscard]] bool verify(std::string_view text, std::string_view signature) const;

 private:
  struct State;
  explicit PublicKey(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace reqmail::crypto
