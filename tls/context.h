// What is the same for all TLS connections of a program: protocols, ciphers, certificates. It
// can be made once before a fork.
//
// TLS 1.2 and 1.3 and nothing else unless an older version is asked for, without renegotiation
// and compression: this is set after openssl.cnf and cipher lists have been applied.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace reqmail::tls {

// The default of servers for TLS 1.2: forward secrecy and authenticated encryption.
inline constexpr std::string_view kDefaultCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

// For servers whose clients would use clear text otherwise: the same first, then the rest of
// OpenSSL's DEFAULT without broken ciphers.
inline constexpr std::string_view kLiberalCiphers =
    "ALL:!COMPLEMENTOFDEFAULT:!aNULL:!eNULL:!PSK:!SRP:!3DES:!RC4";

// The oldest version that is spoken.
enum class OldestVersion { tls1_2, tls1_1, tls1_0 };

// A ticket key: 16 bytes of name, 32 of AES key, 32 of HMAC key.
inline constexpr std::size_t kTicketKeySize = 80;
inline constexpr std::size_t kTicketKeysMax = 3;

// The PEM text, like that of `certificate` below, of the certificate for a name that a client
// asked for: in lower case, base::is_safe_name(). Empty if there is none.
using NamedCertificates = std::function<std::string(const std::string& name)>;

// Those of NAME/servercert.pem below a directory.
NamedCertificates certificates_below(const std::string& directory);

struct ServerSettings {
  // "smtp" or "pop3": sessions are resumed at the same service alone, and a client that names
  // protocols (ALPN) must name this one.
  std::string service;
  std::string certificate;  // PEM file with certificate, key and chain
  NamedCertificates named;  // absent: a name is not looked at
  std::string ciphers;      // OpenSSL's names joined with ':'; empty: kDefaultCiphers
  // kLiberalCiphers after kDefaultCiphers if `ciphers` is empty.
  bool liberal = false;
  // One older than TLS 1.2 makes the server liberal and lowers OpenSSL's security level,
  // without which such a version cannot be spoken.
  OldestVersion oldest = OldestVersion::tls1_2;
  // CAs of the clients that are asked for a certificate; absent: none is asked.
  std::optional<std::string> client_ca;
  std::optional<std::string> client_crl;  // PEM file: every certificate of the chain is checked
  // One to kTicketKeysMax keys: the first signs, all are accepted. Empty or of another size:
  // sessions are not resumed. For TLS 1.3 alone: in TLS 1.2 whoever gets the key could decrypt
  // sessions that were recorded before.
  std::string ticket_keys;
};

// The lines of a control file as one list of ciphers.
std::string cipher_list(const std::vector<std::string>& lines);

struct ClientSettings {
  std::string ciphers;                 // as above; empty: OpenSSL's DEFAULT
  std::optional<std::string> trusted;  // PEM file: the chain must end there
  // The same for a directory of CAs by their hashes; empty: OpenSSL's own.
  std::optional<std::string> trusted_directory;
  bool dane = false;                       // connections may have TLSA records
  std::optional<std::string> certificate;  // shown when the server asks; left out when unusable
};

// Copies share one context, which lives as long as any of them and any connection made from it.
class Context {
 public:
  // A Failure has the reason for a client or a log, such as "unable to read
  // control/servercert.pem: access denied".
  static Result<Context> server(const ServerSettings& settings);
  static Result<Context> client(const ClientSettings& settings);
  [[nodiscard]] ssl_ctx_st* get() const;

  // Overwrites the keys of tickets: connections that are made later resume no session and get
  // no ticket.
  void forget_ticket_keys() const;

 private:
  struct State;

  explicit Context(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
};

}  // namespace reqmail::tls
