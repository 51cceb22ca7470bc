#include "crypto/private_key.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <utility>

#include "crypto/digest.h"
#include "crypto/handles.h"

namespace reqmail::crypto {

struct PrivateKey::State {
  Key key;
  KeyKind kind = KeyKind::rsa;
};

namespace {

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// A key with a password counts as unreadable; the library would ask on the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writes*/, void* /*data*/) {
  return -1;
}

std::optional<KeyKind> kind_of(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    return KeyKind::rsa;
  }
  return EVP_PKEY_is_a(key, "ED25519") == 1 ? std::optional(KeyKind::ed25519) : std::nullopt;
}

std::string contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string rsa_public_bytes(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) {
    return {};
  }
  std::string bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

std::string ed25519_public_bytes(const EVP_PKEY* key) {
  constexpr std::size_t kSize = 32;
  std::string bytes(kSize, '\0');
  std::size_t size = bytes.size();
  auto* const out = reinterpret_cast<unsigned char*>(bytes.data());
  return EVP_PKEY_get_raw_public_key(key, out, &size) == 1 && size == kSize ? bytes
                                                                            : std::string();
}

}  // namespace

PrivateKey::PrivateKey(std::unique_ptr<State> state) : state_(std::move(state)) {}

PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;
PrivateKey::~PrivateKey() = default;

std::optional<PrivateKey> PrivateKey::from_pem(std::string_view text) {
  auto state = std::make_unique<State>();
  const BioPointer bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (bio != nullptr) {
    state->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  }
  ERR_clear_error();
  const auto kind = state->key == nullptr ? std::nullopt : kind_of(state->key.get());
  if (!kind) {
    return std::nullopt;
  }
  state->kind = *kind;
  return PrivateKey(std::move(state));
}

std::optional<PrivateKey> PrivateKey::generate(KeyKind kind, std::size_t bits) {
  auto state = std::make_unique<State>();
  state->kind = kind;
  state->key.reset(kind == KeyKind::rsa ? EVP_RSA_gen(static_cast<unsigned>(bits))
                                        : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  ERR_clear_error();
  return state->key == nullptr ? std::nullopt : std::optional(PrivateKey(std::move(state)));
}

KeyKind PrivateKey::kind() const {
  return state_->kind;
}

std::size_t PrivateKey::bits() const {
  return static_cast<std::size_t>(EVP_PKEY_get_bits(state_->key.get()));
}

std::string PrivateKey::sign(std::string_view text) const {
  const bool rsa = state_->kind == KeyKind::rsa;
  const std::string hash = rsa ? std::string() : sha256(text);
  const std::string_view message = rsa ? text : std::string_view(hash);
  const DigestContext context(EVP_MD_CTX_new());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(state_->key.get())), '\0');
  std::size_t size = signature.size();
  const bool made =
      context != nullptr &&
      EVP_DigestSignInit(context.get(), nullptr, rsa ? EVP_sha256() : nullptr, nullptr,
                         state_->key.get()) == 1 &&
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     as_bytes(message), message.size()) == 1;
  ERR_clear_error();
  signature.resize(made ? size : 0);
  return signature;
}

std::string PrivateKey::public_bytes() const {
  std::string bytes = state_->kind == KeyKind::rsa ? rsa_public_bytes(state_->key.get())
                                                   : ed25519_public_bytes(state_->key.get());
  ERR_clear_error();
  return bytes;
}

std::string PrivateKey::pem() const {
  // The secure form of the buffer is overwritten when it is freed.
  const BioPointer bio(BIO_new(BIO_s_secmem()));
  const bool written =
      bio != nullptr && PEM_write_bio_PKCS8PrivateKey(bio.get(), state_->key.get(), nullptr,
                                                      nullptr, 0, nullptr, nullptr) == 1;
  ERR_clear_error();
  return written ? contents(bio.get()) : std::string();
}

}  // namespace reqmail::crypto
