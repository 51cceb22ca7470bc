#include "tls/certificate.h"

#include <openssl/core_dispatch.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <cstddef>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "base/wipe.h"
#include "sys/error.h"
#include "sys/file.h"
#include "tls/error.h"
#include "tls/pem_text.h"

namespace reqmail::tls {

namespace {

// The key of a type, and none of another: a quarter of the time that PEM_read_bio_PrivateKey
// takes, which asks a decoder of each type OpenSSL knows. Every session with TLS waits for it.
Handle<EVP_PKEY> decode_key(std::string_view text, const char* type) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  const std::size_t behind = text.find("PRIVATE KEY-----");
  const std::size_t begin =
      behind == std::string_view::npos ? behind : text.rfind(kBegin, behind);
  if (begin == std::string_view::npos || type == nullptr) {
    return nullptr;
  }
  EVP_PKEY* key = nullptr;
  OSSL_DECODER_CTX* decoder = OSSL_DECODER_CTX_new_for_pkey(
      &key, "PEM", nullptr, type, OSSL_KEYMGMT_SELECT_ALL, nullptr, nullptr);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data() + begin);
  std::size_t size = text.size() - begin;
  if (decoder != nullptr) {
    (void)OSSL_DECODER_CTX_set_pem_password_cb(decoder, no_password, nullptr);
    (void)OSSL_DECODER_from_data(decoder, &bytes, &size);
  }
  OSSL_DECODER_CTX_free(decoder);
  ERR_clear_error();
  return Handle<EVP_PKEY>(key);
}

Handle<EVP_PKEY> read_key(const std::string& text, X509* leaf) {
  const EVP_PKEY* wanted = X509_get0_pubkey(leaf);
  Handle<EVP_PKEY> key =
      decode_key(text, wanted == nullptr ? nullptr : EVP_PKEY_get0_type_name(wanted));
  if (!key) {
    const Handle<BIO> input = reader_of(text);
    key.reset(PEM_read_bio_PrivateKey(input.get(), nullptr, no_password, nullptr));
  }
  return key;
}

Result<Certificate> parse(const std::string& path, const std::string& text) {
  Certificate made;
  made.chain.reset(sk_X509_new_null());
  Handle<BIO> input = reader_of(text);
  if (!input || !made.chain) {
    return temporary("out of memory");
  }
  made.leaf.reset(PEM_read_bio_X509_AUX(input.get(), nullptr, no_password, nullptr));
  if (!made.leaf) {
    return tls_failure(base::concat({"unable to find a certificate in ", path}));
  }
  while (X509* next = PEM_read_bio_X509(input.get(), nullptr, no_password, nullptr)) {
    if (sk_X509_push(made.chain.get(), next) <= 0) {
      X509_free(next);
      return temporary("out of memory");
    }
  }
  // The end of the file is told as an error.
  ERR_clear_error();
  made.key = read_key(text, made.leaf.get());
  if (!made.key) {
    return tls_failure(base::concat({"unable to find a key in ", path}));
  }
  if (X509_check_private_key(made.leaf.get(), made.key.get()) != 1) {
    return tls_failure(base::concat({"unable to use ", path}));
  }
  return made;
}

}  // namespace

Result<Certificate> parse_certificate(const std::string& what, const std::string& text) {
  ERR_clear_error();
  auto made = parse(what, text);
  ERR_clear_error();
  return made;
}

Result<Certificate> load_certificate(const std::string& path) {
  auto text = sys::read_file(path, kCertificateFileMax);
  if (!text) {
    return sys::system_failure(base::concat({"unable to read ", path}), text.error().error);
  }
  auto made = parse_certificate(path, *text);
  base::wipe(*text);
  return made;
}

}  // namespace reqmail::tls
