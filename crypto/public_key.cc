#include "crypto/public_key.h"

#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <string>
#include <utility>

#include "crypto/digest.h"
#include "crypto/handles.h"

namespace reqmail::crypto {

struct PublicKey::State {
  Key key;
  bool is_rsa = false;
};

namespace {

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Decodes one of the two structures that may contain an RSA key.
Key decode(std::string_view der, const char* structure) {
  EVP_PKEY* key = nullptr;
  OSSL_DECODER_CTX* const context = OSSL_DECODER_CTX_new_for_pkey(
      &key, "DER", structure, "RSA", EVP_PKEY_PUBLIC_KEY, nullptr, nullptr);
  if (context == nullptr) {
    return nullptr;
  }
  const unsigned char* data = as_bytes(der);
  std::size_t size = der.size();
  const bool whole = OSSL_DECODER_from_data(context, &data, &size) == 1 && size == 0;
  OSSL_DECODER_CTX_free(context);
  Key owned(key);
  return whole ? std::move(owned) : nullptr;
}

}  // namespace

PublicKey::PublicKey(std::unique_ptr<State> state) : state_(std::move(state)) {}

PublicKey::PublicKey(PublicKey&&) noexcept = default;
PublicKey& PublicKey::operator=(PublicKey&&) noexcept = default;
PublicKey::~PublicKey() = default;

std::optional<PublicKey> PublicKey::rsa(std::string_view der) {
  auto state = std::make_unique<State>();
  state->is_rsa = true;
  state->key = decode(der, "SubjectPublicKeyInfo");
  if (state->key == nullptr) {
    state->key = decode(der, "type-specific");
  }
  ERR_clear_error();
  if (state->key == nullptr || EVP_PKEY_is_a(state->key.get(), "RSA") != 1) {
    return std::nullopt;
  }
  return PublicKey(std::move(state));
}

std::optional<PublicKey> PublicKey::ed25519(std::string_view bytes) {
  auto state = std::make_unique<State>();
  state->key.reset(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, as_bytes(bytes), bytes.size()));
  ERR_clear_error();
  return state->key == nullptr ? std::nullopt : std::optional(PublicKey(std::move(state)));
}

std::size_t PublicKey::bits() const {
  return static_cast<std::size_t>(EVP_PKEY_get_bits(state_->key.get()));
}

bool PublicKey::verify(std::string_view text, std::string_view signature) const {
  const DigestContext context(EVP_MD_CTX_new());
  const std::string hash = state_->is_rsa ? std::string() : sha256(text);
  const std::string_view signed_text = state_->is_rsa ? text : std::string_view(hash);
  const bool sound =
      context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, state_->is_rsa ? EVP_sha256() : nullptr,
                           nullptr, state_->key.get()) == 1 &&
      EVP_DigestVerify(context.get(), as_bytes(signature), signature.size(),
                       as_bytes(signed_text), signed_text.size()) == 1;
  ERR_clear_error();
  return sound;
}

}  // namespace reqmail::crypto
