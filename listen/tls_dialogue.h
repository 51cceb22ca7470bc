// What a server that must stay root and its child that speaks TLS say to each other.
//
// They talk in lines over a socket, until the handshake is done:
//   child:  "ready", or "error" and why not; everything is loaded, nothing was read
//   server: "go": from here on the connection belongs to the child alone
//   child:  "name NAME", when the client asks for a certificate by name
//   server: its PEM text as a netstring, empty if there is none
//   child:  "done"; from here on the socket carries what the client says and hears
// A handshake that fails is "error" and why, in the place of "done".
#pragma once

#include <cstddef>
#include <string_view>

namespace reqmail::listen {

inline constexpr std::string_view kTlsReady = "ready";
inline constexpr std::string_view kTlsError = "error ";
inline constexpr std::string_view kTlsGo = "go\n";
inline constexpr std::string_view kTlsName = "name ";
inline constexpr std::string_view kTlsDone = "done";
inline constexpr std::size_t kTlsLineMax = 1024;
// Where the child finds the socket.
inline constexpr int kTlsDescriptor = 3;

}  // namespace reqmail::listen
