#include "tls/pem_text.h"

#include <openssl/pem.h>

#include <cstddef>

namespace reqmail::tls {

Handle<BIO> reader_of(const std::string& text) {
  return Handle<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO& stream) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(&stream, &bytes);
  return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

std::string key_to_text(const EVP_PKEY& key) {
  const Handle<BIO> out(BIO_new(BIO_s_mem()));
  (void)PEM_write_bio_PKCS8PrivateKey(out.get(), &key, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(*out);
}

int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*unused*/) {
  return -1;
}

}  // namespace reqmail::tls
