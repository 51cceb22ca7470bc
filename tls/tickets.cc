#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <string_view>

#include "tls/callbacks.h"
#include "tls/context.h"

namespace reqmail::tls {

namespace {

constexpr std::size_t kNameSize = 16;
constexpr std::size_t kHalfSize = 32;

// OpenSSL's answers of the callback.
constexpr int kTrouble = -1;
constexpr int kUnknownKey = 0;
constexpr int kGood = 1;
constexpr int kGoodButRenew = 2;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool set_up_mac(EVP_MAC_CTX* mac, std::string_view key) {
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(
          OSSL_MAC_PARAM_KEY, const_cast<char*>(key.data() + kNameSize + kHalfSize), kHalfSize),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

const std::string& keys_of(SSL* connection) {
  return *static_cast<const std::string*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
}

int encrypt(std::string_view key, unsigned char* name, unsigned char* iv,
            EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
  const int size = EVP_CIPHER_get_iv_length(EVP_aes_256_cbc());
  if (RAND_bytes(iv, size) != 1 ||
      EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, bytes_of(key) + kNameSize, iv) !=
          1 ||
      !set_up_mac(mac, key)) {
    return kTrouble;
  }
  std::copy_n(bytes_of(key), kNameSize, name);
  return kGood;
}

int ticket_key(SSL* connection, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
               EVP_MAC_CTX* mac, int encrypting) {
  // In TLS 1.2 the ticket key protects the traffic keys themselves.
  if (SSL_version(connection) < TLS1_3_VERSION) {
    return kUnknownKey;
  }
  const std::string_view keys = keys_of(connection);
  if (keys.empty()) {
    return kUnknownKey;
  }
  if (encrypting == 1) {
    return encrypt(keys.substr(0, kTicketKeySize), name, iv, cipher, mac);
  }
  for (std::size_t at = 0; at < keys.size(); at += kTicketKeySize) {
    const std::string_view key = keys.substr(at, kTicketKeySize);
    if (!std::equal(name, name + kNameSize, bytes_of(key))) {
      continue;
    }
    if (!set_up_mac(mac, key) || EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr,
                                                    bytes_of(key) + kNameSize, iv) != 1) {
      return kTrouble;
    }
    return at == 0 ? kGood : kGoodButRenew;
  }
  return kUnknownKey;
}

}  // namespace

void use_ticket_keys(SSL_CTX* context, const std::string& keys) {
  SSL_CTX_set_app_data(context, const_cast<std::string*>(&keys));
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, ticket_key);
  SSL_CTX_clear_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 1);
}

}  // namespace reqmail::tls
