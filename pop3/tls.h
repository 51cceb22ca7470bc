// TLS for a POP3 login whose program holds no key and knows no OpenSSL: bin/qmail-popup-tls
// speaks it, as another user, and what it makes of the connection comes over a socket.
//
// The two talk in lines over that socket, until the handshake is done:
//   qmail-popup-tls: "ready", or "error" and why not; everything is loaded, nothing was read
//   qmail-popup:     "go": from here on the connection belongs to the other one alone
//   qmail-popup-tls: "name NAME", when the client asks for a certificate by name
//   qmail-popup:     its PEM text as a netstring, empty where there is none
//   qmail-popup-tls: "done"; from here on the socket carries what the client says and hears
// A handshake that fails is "error" and why, in the place of "done".
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "pop3/login.h"

namespace reqmail::pop3 {

inline constexpr std::string_view kPop3TlsReady = "ready";
inline constexpr std::string_view kPop3TlsError = "error ";
inline constexpr std::string_view kPop3TlsGo = "go\n";
inline constexpr std::string_view kPop3TlsName = "name ";
inline constexpr std::string_view kPop3TlsDone = "done";
inline constexpr std::size_t kPop3TlsLineMax = 1024;
// Where qmail-popup-tls finds the socket.
inline constexpr int kPop3TlsDescriptor = 3;

// STLS by bin/qmail-popup-tls, where control/servercert.pem of qmail's home is there and
// neither DISABLETLS nor UCSPITLS forbids it; POP3S likewise.
std::unique_ptr<Pop3Tls> pop3_tls_by_child();

// STLS by the listener where UCSPITLS says that it can, else by the program.
std::unique_ptr<Pop3Tls> pop3_tls();

}  // namespace reqmail::pop3
