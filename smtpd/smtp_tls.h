// How an SMTP session comes to speak TLS. Three ways: another program takes over, the listener
// does it (UCSPITLS), or this process itself.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "proto/smtp_security.h"
#include "proto/smtp_server.h"
#include "smtpd/environment.h"
#include "sys/stream.h"

namespace reqmail::smtpd {

class SmtpTls {
 public:
  SmtpTls() = default;
  SmtpTls(const SmtpTls&) = delete;
  SmtpTls& operator=(const SmtpTls&) = delete;
  virtual ~SmtpTls() = default;

  // Whether STARTTLS is to be announced.
  virtual bool offered() = 0;

  // Everything that may fail while the client can still be told, with nothing left to be
  // written. The text of a Failure follows "454 TLS ". When another program takes over this
  // does not return.
  virtual Result<void> prepare(const proto::SmtpServer& session) = 0;

  // The handshake; input and output go on in TLS.
  virtual Result<proto::SmtpSecurity> handshake(sys::Reader& input, sys::Writer& output) = 0;

  // The end of the session: all has been written.
  virtual void close() {}
};

// STARTTLS by executing bin/qmail-smtpd-tls with these arguments, or by the listener if
// UCSPITLS says that it can (see ucspi-tls of sslserver).
std::unique_ptr<SmtpTls> smtp_tls_elsewhere(std::vector<std::string> arguments,
                                            const SmtpdEnvironment& environment);

// Becomes bin/qmail-smtpd-tls; returns only on failure.
Failure become_smtpd_tls(const std::vector<std::string>& arguments);

// Whether control/servercert.pem exists: it may come and go while a server runs.
bool certificate_is_there();

// What a session in clear tells the program that takes over at STARTTLS, by a variable of the
// environment.
struct StarttlsState {
  std::optional<std::string> helo;
  unsigned refused_logins = 0;
};

// The variable's value and back; nothing where it makes no sense.
std::string encode_starttls_state(const StarttlsState& state);
std::optional<StarttlsState> decode_starttls_state(std::string_view text);

// Takes the variable out of the environment; nothing where there is none.
std::optional<StarttlsState> take_starttls_state();

}  // namespace reqmail::smtpd
