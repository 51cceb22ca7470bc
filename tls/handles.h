// OpenSSL's objects with owners. Included by the .cc files of tls/ alone, so that no other
// folder sees OpenSSL's headers.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace reqmail::tls {

struct Free {
  void operator()(BIO* object) const { BIO_free(object); }

  void operator()(BIO_METHOD* object) const { BIO_meth_free(object); }

  void operator()(EVP_PKEY* object) const { EVP_PKEY_free(object); }

  void operator()(X509* object) const { X509_free(object); }

  void operator()(X509_REQ* object) const { X509_REQ_free(object); }

  void operator()(X509_STORE* object) const { X509_STORE_free(object); }

  void operator()(X509_STORE_CTX* object) const { X509_STORE_CTX_free(object); }

  void operator()(STACK_OF(X509) * object) const { sk_X509_pop_free(object, X509_free); }
};

template <typename T>
using Handle = std::unique_ptr<T, Free>;

}  // namespace reqmail::tls
