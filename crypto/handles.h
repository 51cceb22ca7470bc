// Owning pointers to objects of OpenSSL's libcrypto.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>

#include <memory>

namespace reqmail::crypto {

struct Free {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }

  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

  void operator()(BIO* bio) const { BIO_free_all(bio); }

  void operator()(BIGNUM* number) const { BN_free(number); }
};

using DigestContext = std::unique_ptr<EVP_MD_CTX, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Number = std::unique_ptr<BIGNUM, Free>;
using BioPointer = std::unique_ptr<BIO, Free>;

}  // namespace reqmail::crypto
