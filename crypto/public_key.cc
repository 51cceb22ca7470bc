#include "crypto/public_key.h"

#include <openssl/asn1.h>
#include <openssl/core_names.h>
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
Key make_key(const Number& modulus, const Number& exponent) {
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return nullptr;
  }
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  const bool made =
      parameters != nullptr && context != nullptr &&
      EVP_PKEY_fromdata_init(context.get()) == 1 &&
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
  return Key(made ? key : nullptr);
}

// Decodes a SubjectPublicKeyInfo, or the RSAPublicKey (RFC 8017 appendix A.1.1) in it.
Key decode(std::string_view der) {
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
  const Number modulus = take_number(*outer);
  const Number exponent = take_number(*outer);
  const bool whole = modulus != nullptr && exponent != nullptr && outer->empty();
  return whole ? make_key(modulus, exponent) : nullptr;
}

}  // namespace

PublicKey::PublicKey(std::unique_ptr<State> state) : state_(std::move(state)) {}

PublicKey::PublicKey(PublicKey&&) noexcept = default;
PublicKey& PublicKey::operator=(PublicKey&&) noexcept = default;
PublicKey::~PublicKey() = default;

std::optional<PublicKey> PublicKey::rsa(std::string_view der) {
  auto state = std::make_unique<State>();
  state->is_rsa = true;
  state->key = decode(der);
  ERR_clear_error();
  return state->key == nullptr ? std::nullopt : std::optional(PublicKey(std::move(state)));
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
