#include "tls/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cstddef>
#include <utility>

#include "base/text.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/secrets.h"
#include "tls/error.h"
#include "tls/pem_text.h"

namespace reqmail::tls {

namespace {

constexpr std::size_t kFileLimit = std::size_t{1} << 20;

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
  input = reader_of(text);
  made.key.reset(PEM_read_bio_PrivateKey(input.get(), nullptr, no_password, nullptr));
  if (!made.key) {
    return tls_failure(base::concat({"unable to find a key in ", path}));
  }
  if (X509_check_private_key(made.leaf.get(), made.key.get()) != 1) {
    return tls_failure(base::concat({"unable to use ", path}));
  }
  return made;
}

}  // namespace

Result<Certificate> load_certificate(const std::string& path) {
  auto text = sys::read_file(path, kFileLimit);
  if (!text) {
    return sys::system_failure(base::concat({"unable to read ", path}), text.error().error);
  }
  ERR_clear_error();
  auto made = parse(path, *text);
  sys::wipe(*text);
  return made;
}

}  // namespace reqmail::tls
