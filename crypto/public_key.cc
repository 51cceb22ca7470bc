// RSA_verify() is what EVP comes to as well, but by looking up and setting up several methods.
// In a process that has verified nothing so far, as each session of qmail-mailauth, that takes
// longer than the verification.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/public_key.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

#include <string>
#include <utility>

#include "crypto/digest.h"
#include "crypto/handles.h"

namespace reqmail::crypto {

namespace {

struct FreeRsa {
  void operator()(RSA* key) const { RSA_free(key); }
};

using RsaKey = std::unique_ptr<RSA, FreeRsa>;

}  // namespace

// One of them is null.
struct PublicKey::State {
  Key key;
  RsaKey rsa;
};

namespace {

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// The object identifier of rsaEncryption (RFC 8017 appendix A.1).
constexpr std::string_view kRsaEncryption = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";

// Takes an element off the front of `der` and returns its contents; nullopt if the first one is
// not of this type.
std::optional<std::string_view> take(std::string_view& der, int type) {
  const unsigned char* at = as_bytes(der);
  long size = 0;
  int tag = 0;
  int tag_class = 0;
  const int form = ASN1_get_object(&at, &size, &tag, &tag_class, static_cast<long>(der.size()));
  const int expected = type == V_ASN1_SEQUENCE ? V_ASN1_CONSTRUCTED : 0;
  if (form != expected || tag != type || tag_class != V_ASN1_UNIVERSAL) {
    return std::nullopt;
  }
  const auto start = static_cast<std::size_t>(at - as_bytes(der));
  const auto contents = der.substr(start, static_cast<std::size_t>(size));
  der.remove_prefix(start + contents.size());
  return contents;
}

// Returns whether these are the contents of an AlgorithmIdentifier for RSA, whose parameters
// are NULL (RFC 8017 appendix A.1) or absent, as some write it.
bool is_rsa(std::string_view algorithm) {
  return take(algorithm, V_ASN1_OBJECT) == kRsaEncryption &&
         (algorithm.empty() || (take(algorithm, V_ASN1_NULL) == "" && algorithm.empty()));
}

// Returns the RSAPublicKey in a SubjectPublicKeyInfo (RFC 5280 section 4.1).
std::optional<std::string_view> key_in_information(std::string_view information) {
  const auto algorithm = take(information, V_ASN1_SEQUENCE);
  const auto key = take(information, V_ASN1_BIT_STRING);
  const bool right =
      algorithm && is_rsa(*algorithm) && key && key->starts_with('\0') && information.empty();
  return right ? std::optional(key->substr(1)) : std::nullopt;
}

Number take_number(std::string_view& der) {
  const auto bytes = take(der, V_ASN1_INTEGER);
  const bool positive = bytes && !bytes->empty() && (bytes->front() & 0x80) == 0;
  return Number(positive ? BN_bin2bn(as_bytes(*bytes), static_cast<int>(bytes->size()), nullptr)
                         : nullptr);
}

// The library's decoders look for a form that fits among all that they know, which takes many
// times as long as the verification of a signature.
RsaKey make_key(Number modulus, Number exponent) {
  RsaKey key(RSA_new());
  if (key == nullptr || RSA_set0_key(key.get(), modulus.get(), exponent.get(), nullptr) != 1) {
    return nullptr;
  }
  // They are the key's from now on.
  (void)modulus.release();
  (void)exponent.release();
  return key;
}

// Decodes a SubjectPublicKeyInfo, or the RSAPublicKey (RFC 8017 appendix A.1.1) in it.
RsaKey decode(std::string_view der) {
  auto outer = take(der, V_ASN1_SEQUENCE);
  if (!outer || !der.empty()) {
    return nullptr;
  }
  if (auto inner = key_in_information(*outer)) {
    outer = take(*inner, V_ASN1_SEQUENCE);
    if (!outer || !inner->empty()) {
      return nullptr;
    }
  }
  Number modulus = take_number(*outer);
  Number exponent = take_number(*outer);
  const bool whole = modulus != nullptr && exponent != nullptr && outer->empty();
  return whole ? make_key(std::move(modulus), std::move(exponent)) : nullptr;
}

bool is_signature(RSA* key, std::string_view hash, std::string_view signature) {
  return RSA_verify(NID_sha256, as_bytes(hash), static_cast<unsigned>(hash.size()),
                    as_bytes(signature), static_cast<unsigned>(signature.size()), key) == 1;
}

bool is_signature(EVP_PKEY* key, std::string_view text, std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  return context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), as_bytes(signature), signature.size(), as_bytes(text),
                          text.size()) == 1;
}

}  // namespace

PublicKey::PublicKey(std::unique_ptr<State> state) : state_(std::move(state)) {}

PublicKey::PublicKey(PublicKey&&) noexcept = default;
PublicKey& PublicKey::operator=(PublicKey&&) noexcept = default;
PublicKey::~PublicKey() = default;

std::optional<PublicKey> PublicKey::rsa(std::string_view der) {
  auto state = std::make_unique<State>();
  state->rsa = decode(der);
  ERR_clear_error();
  return state->rsa == nullptr ? std::nullopt : std::optional(PublicKey(std::move(state)));
}

std::optional<PublicKey> PublicKey::ed25519(std::string_view bytes) {
  auto state = std::make_unique<State>();
  state->key.reset(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, as_bytes(bytes), bytes.size()));
  ERR_clear_error();
  return state->key == nullptr ? std::nullopt : std::optional(PublicKey(std::move(state)));
}

std::size_t PublicKey::bits() const {
  return static_cast<std::size_t>(state_->rsa ? RSA_bits(state_->rsa.get())
                                              : EVP_PKEY_get_bits(state_->key.get()));
}

bool PublicKey::verify(std::string_view text, std::string_view signature) const {
  const std::string hash = sha256(text);
  const bool sound = state_->rsa ? is_signature(state_->rsa.get(), hash, signature)
                                 : is_signature(state_->key.get(), hash, signature);
  ERR_clear_error();
  return sound;
}

}  // namespace reqmail::crypto
