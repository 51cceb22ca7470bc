#include "tls/make.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <string_view>

#include "tls/error.h"
#include "tls/handles.h"
#include "tls/pem_text.h"

namespace reqmail::tls {

namespace {

constexpr std::size_t kCommonNameMax = 64;  // RFC 5280, ub-common-name
constexpr int kSerialBits = 127;            // at most 20 octets, and positive

using Extensions = STACK_OF(X509_EXTENSION);

struct FreeExtensions {
  void operator()(Extensions* list) const {
    sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
  }
};

Result<Handle<EVP_PKEY>> read_key(const std::string& text) {
  ERR_clear_error();
  const Handle<BIO> input = reader_of(text);
  Handle<EVP_PKEY> key(PEM_read_bio_PrivateKey(input.get(), nullptr, no_password, nullptr));
  if (!key) {
    return tls_failure("unable to read the key");
  }
  return key;
}

// The first name is the common name too, for those who still look there.
bool set_subject(X509_NAME* subject, const std::string& name) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(name.data());
  return name.size() > kCommonNameMax ||
         X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_ASC, bytes,
                                    static_cast<int>(name.size()), -1, 0) == 1;
}

std::unique_ptr<Extensions, FreeExtensions> extensions_for(
    const std::vector<std::string>& names, const EVP_PKEY* key, X509V3_CTX* where) {
  std::string list = names.front().size() > kCommonNameMax ? "critical" : "";
  for (const std::string& name : names) {
    list += (list.empty() ? "DNS:" : ",DNS:") + name;
  }
  const bool rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;

  const struct {
    int id;
    const char* value;
  } wanted[] = {
      {NID_basic_constraints, "critical,CA:FALSE"},
      {NID_key_usage,
       rsa ? "critical,digitalSignature,keyEncipherment" : "critical,digitalSignature"},
      {NID_ext_key_usage, "serverAuth,clientAuth"},
      {NID_subject_alt_name, list.c_str()},
  };

  std::unique_ptr<Extensions, FreeExtensions> made(sk_X509_EXTENSION_new_null());
  for (const auto& one : wanted) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, where, one.id, one.value);
    if (extension == nullptr || sk_X509_EXTENSION_push(made.get(), extension) <= 0) {
      X509_EXTENSION_free(extension);
      return nullptr;
    }
  }
  return made;
}

bool set_serial(X509* certificate) {
  BIGNUM* number = BN_new();
  const bool done = number != nullptr &&
                    BN_rand(number, kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  return done;
}

bool set_period(X509* certificate, const Period& period) {
  return ASN1_TIME_set(X509_getm_notBefore(certificate), base::to_epoch(period.begins)) !=
             nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), base::to_epoch(period.ends)) != nullptr;
}

bool add_extensions(X509* certificate, const EVP_PKEY* key,
                    const std::vector<std::string>& names) {
  X509V3_CTX where;
  X509V3_set_ctx(&where, certificate, certificate, nullptr, nullptr, 0);
  const auto extensions = extensions_for(names, key, &where);
  for (int i = 0; i < sk_X509_EXTENSION_num(extensions.get()); ++i) {
    if (X509_add_ext(certificate, sk_X509_EXTENSION_value(extensions.get(), i), -1) != 1) {
      return false;
    }
  }
  X509_EXTENSION* id = X509V3_EXT_conf_nid(nullptr, &where, NID_subject_key_identifier, "hash");
  const bool done = id != nullptr && X509_add_ext(certificate, id, -1) == 1;
  X509_EXTENSION_free(id);
  return extensions != nullptr && done;
}

// The library's macro for this casts in C's way.
EVP_PKEY* generate_ec(const char* curve) {
  return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve);
}

EVP_PKEY* generate(KeyKind kind) {
  switch (kind) {
  case KeyKind::ec_p256:
    return generate_ec("P-256");
  case KeyKind::ec_p384:
    return generate_ec("P-384");
  case KeyKind::rsa_2048:
    return EVP_RSA_gen(2048);
  case KeyKind::rsa_3072:
    return EVP_RSA_gen(3072);
  case KeyKind::rsa_4096:
    break;
  }
  return EVP_RSA_gen(4096);
}

}  // namespace

Result<std::string> make_key(KeyKind kind) {
  ERR_clear_error();
  const Handle<EVP_PKEY> key(generate(kind));
  if (!key) {
    return tls_failure("unable to make a key");
  }
  return key_to_text(*key);
}

Result<std::string> make_self_signed(const std::string& key_text,
                                     const std::vector<std::string>& names,
                                     const Period& period) {
  const auto key = read_key(key_text);
  if (!key) {
    return key.error();
  }
  const Handle<X509> made(X509_new());
  if (!made || X509_set_version(made.get(), X509_VERSION_3) != 1 || !set_serial(made.get()) ||
      !set_period(made.get(), period) || X509_set_pubkey(made.get(), key->get()) != 1 ||
      !set_subject(X509_get_subject_name(made.get()), names.front()) ||
      X509_set_issuer_name(made.get(), X509_get_subject_name(made.get())) != 1 ||
      !add_extensions(made.get(), key->get(), names) ||
      X509_sign(made.get(), key->get(), EVP_sha256()) == 0) {
    return tls_failure("unable to make a certificate");
  }
  const Handle<BIO> out(BIO_new(BIO_s_mem()));
  (void)PEM_write_bio_X509(out.get(), made.get());
  return text_of(*out);
}

Result<std::string> make_request(const std::string& key_text,
                                 const std::vector<std::string>& names) {
  const auto key = read_key(key_text);
  if (!key) {
    return key.error();
  }
  const Handle<X509_REQ> made(X509_REQ_new());
  X509V3_CTX where;
  X509V3_set_ctx(&where, nullptr, nullptr, made.get(), nullptr, 0);
  const auto extensions = extensions_for(names, key->get(), &where);
  if (!made || !extensions || X509_REQ_set_version(made.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_pubkey(made.get(), key->get()) != 1 ||
      !set_subject(X509_REQ_get_subject_name(made.get()), names.front()) ||
      X509_REQ_add_extensions(made.get(), extensions.get()) != 1 ||
      X509_REQ_sign(made.get(), key->get(), EVP_sha256()) == 0) {
    return tls_failure("unable to make a request");
  }
  const Handle<BIO> out(BIO_new(BIO_s_mem()));
  (void)PEM_write_bio_X509_REQ(out.get(), made.get());
  return text_of(*out);
}

}  // namespace reqmail::tls
