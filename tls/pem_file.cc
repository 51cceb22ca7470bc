#include "tls/pem_file.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <utility>

#include "base/ascii.h"
#include "base/hex.h"
#include "base/number.h"
#include "base/text.h"
#include "tls/error.h"
#include "tls/handles.h"
#include "tls/pem_text.h"

namespace reqmail::tls {

struct PemFile::State {
  std::vector<Handle<X509>> certificates;
  std::vector<CertificateFacts> facts;
  Handle<EVP_PKEY> key;
};

namespace {

constexpr std::int64_t kDay = 86400;

base::Time time_of(const ASN1_TIME* time) {
  ASN1_TIME* epoch = ASN1_TIME_set(nullptr, 0);
  int days = 0;
  int seconds = 0;
  (void)ASN1_TIME_diff(&days, &seconds, epoch, time);
  ASN1_TIME_free(epoch);
  return base::from_epoch(days * kDay + seconds);
}

std::string name_text(const X509_NAME* name) {
  const Handle<BIO> out(BIO_new(BIO_s_mem()));
  (void)X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253);
  return text_of(*out);
}

std::string ascii_text(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> names;
  auto* all = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all, i);
    if (name->type == GEN_DNS) {
      names.push_back(base::lower(ascii_text(name->d.dNSName)));
    }
  }
  GENERAL_NAMES_free(all);
  X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (names.empty() && at >= 0) {
    names.push_back(
        base::lower(ascii_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)))));
  }
  return names;
}

std::string key_name(EVP_PKEY* key) {
  if (key == nullptr) {
    return "unknown";
  }
  char group[32] = "";
  std::size_t size = 0;
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
      EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1) {
    const std::string_view curve(group, size);
    return base::concat({"EC ", curve == "prime256v1"  ? "P-256"
                                : curve == "secp384r1" ? "P-384"
                                                       : curve});
  }
  const char* kind = EVP_PKEY_get0_type_name(key);
  const std::string name = kind == nullptr ? "unknown" : kind;
  return name.starts_with("ED")
             ? name
             : base::concat(
                   {name, " ",
                    base::decimal(static_cast<std::uint64_t>(EVP_PKEY_get_bits(key)))});
}

std::string fingerprint_of(const X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1) {
    return "";
  }
  return base::hex({reinterpret_cast<const char*>(digest), size});
}

bool is_signed(X509* below, X509* above) {
  const bool yes = X509_check_issued(above, below) == X509_V_OK &&
                   X509_verify(below, X509_get0_pubkey(above)) == 1;
  ERR_clear_error();
  return yes;
}

// Those that are no CA are self-signed too, though they may sign nothing else.
bool is_self_signed(X509* certificate) {
  const bool yes = X509_NAME_cmp(X509_get_subject_name(certificate),
                                 X509_get_issuer_name(certificate)) == 0 &&
                   X509_verify(certificate, X509_get0_pubkey(certificate)) == 1;
  ERR_clear_error();
  return yes;
}

CertificateFacts facts_of(X509* certificate) {
  CertificateFacts facts;
  facts.subject = name_text(X509_get_subject_name(certificate));
  facts.issuer = name_text(X509_get_issuer_name(certificate));
  facts.names = names_of(certificate);
  facts.begins = time_of(X509_get0_notBefore(certificate));
  facts.ends = time_of(X509_get0_notAfter(certificate));
  facts.key = key_name(X509_get0_pubkey(certificate));
  facts.fingerprint = fingerprint_of(certificate);
  facts.self_signed = is_self_signed(certificate);
  facts.authority = X509_check_ca(certificate) == 1;
  facts.tells_where_issuer_is = X509_get_ext_by_NID(certificate, NID_info_access, -1) >= 0;
  ERR_clear_error();
  return facts;
}

// What the library has encoded; nothing if it failed.
std::string bytes_of(const unsigned char* encoded, int size) {
  return size <= 0 ? std::string()
                   : std::string(reinterpret_cast<const char*>(encoded),
                                 static_cast<std::size_t>(size));
}

// Whether OpenSSL stopped because nothing of the kind it looked for is left.
bool at_end() {
  const unsigned long code = ERR_peek_last_error();
  return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

}  // namespace

PemFile::PemFile(std::unique_ptr<State> state) : state_(std::move(state)) {}

PemFile::PemFile(PemFile&& other) noexcept = default;
PemFile& PemFile::operator=(PemFile&& other) noexcept = default;
PemFile::~PemFile() = default;

Result<PemFile> PemFile::parse(const std::string& text) {
  auto state = std::make_unique<State>();
  ERR_clear_error();
  Handle<BIO> input = reader_of(text);
  while (X509* next = PEM_read_bio_X509_AUX(input.get(), nullptr, no_password, nullptr)) {
    state->certificates.emplace_back(next);
    state->facts.push_back(facts_of(next));
  }
  if (!at_end()) {
    return tls_failure("damaged certificate");
  }
  ERR_clear_error();
  input = reader_of(text);
  state->key.reset(PEM_read_bio_PrivateKey(input.get(), nullptr, no_password, nullptr));
  if (!state->key && !at_end() && text.find("PRIVATE KEY-----") != std::string::npos) {
    ERR_clear_error();
    return temporary(text.find("ENCRYPTED") == std::string::npos ? "damaged key"
                                                                 : "the key has a password");
  }
  ERR_clear_error();
  return PemFile(std::move(state));
}

const std::vector<CertificateFacts>& PemFile::certificates() const {
  return state_->facts;
}

CertificateBytes PemFile::bytes(std::size_t at) const {
  const X509* certificate = state_->certificates[at].get();
  unsigned char* whole = nullptr;
  unsigned char* key = nullptr;
  const int whole_size = i2d_X509(certificate, &whole);
  const int key_size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);
  CertificateBytes bytes{bytes_of(whole, whole_size), bytes_of(key, key_size)};
  OPENSSL_free(whole);
  OPENSSL_free(key);
  ERR_clear_error();
  return bytes;
}

bool PemFile::has_key() const {
  return state_->key != nullptr;
}

bool PemFile::is_for_key_of(const PemFile& keys) const {
  const bool yes =
      keys.has_key() && !state_->certificates.empty() &&
      X509_check_private_key(state_->certificates.front().get(), keys.state_->key.get()) == 1;
  ERR_clear_error();
  return yes;
}

bool PemFile::is_signed_by(std::size_t below, std::size_t above) const {
  return is_signed(state_->certificates[below].get(), state_->certificates[above].get());
}

std::optional<std::string> PemFile::verify_error(base::Time at) const {
  const Handle<X509_STORE> store(X509_STORE_new());
  const Handle<X509_STORE_CTX> check(X509_STORE_CTX_new());
  STACK_OF(X509)* chain = sk_X509_new_null();  // borrows
  for (std::size_t i = 1; i < state_->certificates.size(); ++i) {
    (void)sk_X509_push(chain, state_->certificates[i].get());
  }
  (void)X509_STORE_set_default_paths(store.get());
  std::optional<std::string> reason = "out of memory";
  if (X509_STORE_CTX_init(check.get(), store.get(), state_->certificates.front().get(),
                          chain) == 1 &&
      X509_STORE_CTX_set_default(check.get(), "ssl_server") == 1) {
    X509_STORE_CTX_set_time(check.get(), 0, base::to_epoch(at));
    reason.reset();
    if (X509_verify_cert(check.get()) != 1) {
      reason = X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get()));
    }
  }
  sk_X509_free(chain);
  ERR_clear_error();
  return reason;
}

std::string PemFile::certificates_text() const {
  const Handle<BIO> out(BIO_new(BIO_s_mem()));
  for (const Handle<X509>& certificate : state_->certificates) {
    (void)PEM_write_bio_X509(out.get(), certificate.get());
  }
  return text_of(*out);
}

std::string PemFile::key_text() const {
  return key_to_text(*state_->key);
}

Result<std::vector<RevocationFacts>> parse_revocations(const std::string& text) {
  std::vector<RevocationFacts> found;
  ERR_clear_error();
  const Handle<BIO> input = reader_of(text);
  while (X509_CRL* next = PEM_read_bio_X509_CRL(input.get(), nullptr, no_password, nullptr)) {
    RevocationFacts facts{name_text(X509_CRL_get_issuer(next)), std::nullopt};
    if (const ASN1_TIME* ends = X509_CRL_get0_nextUpdate(next)) {
      facts.ends = time_of(ends);
    }
    found.push_back(std::move(facts));
    X509_CRL_free(next);
  }
  if (!at_end() || found.empty()) {
    return tls_failure("unable to find a revocation list");
  }
  ERR_clear_error();
  return found;
}

}  // namespace reqmail::tls
