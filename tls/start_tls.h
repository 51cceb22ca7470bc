// How a connection in clear comes to be one in TLS. Servers (STARTTLS, STLS, TLS from the first
// byte on) and the client of qmail-remote have one interface; who speaks TLS differs:
//
//   this process                          listen/tls_here, remote/tls_here
//   another program, in its place         listen/tls_by_exec, remote/tls_by_exec
//   a child of this process, which relays listen/tls_by_child
//   the listener (UCSPI-TLS)              listen/tls_by_listener
//
// A server calls offered(), prepare() when TLS is asked for, begin() after it has said that the
// client may begin, and close() at the end (listen/session_tls does so). A client calls begin()
// after the server has said so. Nothing here needs OpenSSL.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/tlsa_record.h"
#include "sys/connection.h"

namespace reqmail::tls {

// The longest handshake with a client of a server here.
inline constexpr base::Seconds kServerHandshakeMax{60};

// What a session wants.
struct TlsRequest {
  // Of a server: its clients may speak clear text instead, so that weak ciphers are better than
  // none.
  bool opportunistic = false;
  // Of a client: the name of the server, for SNI and for verification; may be empty.
  std::string server_name;
  // Of a client: the PEM file with the CAs that must vouch for the server. With none of this
  // and the two below, the server is not verified.
  std::optional<std::string> trusted;
  // Of a client: a directory with such CAs by their hashes; empty for that of OpenSSL.
  std::optional<std::string> trusted_directory;
  // Of a client: its certificate, or the authority of it, must be as one of these says.
  std::vector<base::TlsaRecord> tlsa;
  // Of a client that verifies: the names of which the server's certificate must have one, in
  // lower case; `.name` stands for all names below it. Empty: server_name.
  std::vector<std::string> names;
  // Of a client: the limit of each wait.
  base::Seconds timeout{0};
  // The end of all waiting, on the clock of sys::monotonic().
  std::optional<std::chrono::milliseconds> end;
  // Returns what another program needs to go on in the place of this one. Called at most once,
  // and only by what executes such a program.
  std::function<std::string()> state;
};

// What came of it.
struct TlsOutcome {
  // The connection in TLS, over that in clear, which must stay open as long. Null: whoever is
  // at the other end of the connection in clear speaks TLS from now on.
  std::unique_ptr<sys::Connection> connection;
  std::string version;  // of the protocol, such as "TLSv1.3"; empty where it is not known
  // Of a server that asks its clients for certificates: the address in a verified certificate
  // that is known here, or why there is none ("" for no certificate, or an unknown one).
  std::optional<std::string> client;
  std::optional<std::string> verify_error;
};

// Why a client has no TLS with a server, or not the one that is demanded (RFC 8460
// section 4.3).
enum class TlsFault {
  not_offered,  // the server has no STARTTLS, or refuses it
  handshake,
  untrusted,   // no authority that counts vouches for the certificate
  expired,     // the same, since the certificate is too old
  wrong_name,  // the certificate does not have the name
  no_matching_record
};

class StartTls {
 public:
  StartTls() = default;
  StartTls(const StartTls&) = delete;
  StartTls& operator=(const StartTls&) = delete;
  StartTls(StartTls&&) = delete;
  StartTls& operator=(StartTls&&) = delete;
  virtual ~StartTls() = default;

  // Whether a server is to announce it.
  virtual bool offered() { return true; }

  // Does everything that may fail while the peer can still be told. Nothing may be left to be
  // written. The text of a Failure is for the peer and for a log. Does not return if another
  // program goes on in the place of this one.
  virtual Result<void> prepare(const TlsRequest& /*request*/) { return {}; }

  // The handshake over `clear`; nothing that was read from it before may count afterwards. The
  // text of a Failure is for a log or a report. Does not return if another program goes on.
  virtual Result<TlsOutcome> begin(const TlsRequest& request, sys::Connection& clear) = 0;

  // Of a client: why the last begin() failed.
  [[nodiscard]] virtual TlsFault fault() const { return TlsFault::handshake; }

  // The end of the session, after the connection of the outcome was closed. When it returns,
  // all that was written is on its way to the peer.
  virtual void close() {}
};

// Why a handshake failed: OpenSSL's reason, or the system's.
std::string handshake_error(const Failure& failure);

}  // namespace reqmail::tls
