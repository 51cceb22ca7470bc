// The first half of a TLS 1.2 handshake, which shows whether a server has its key: the client's
// message, and a check whether the server's answer is complete. Only a server that can read its
// key can give it, since the server signs it or sends the certificate whose key it must then
// use.
#pragma once

#include <string>
#include <string_view>

namespace reqmail::upgrade {

// Returns a ClientHello record with these 32 random bytes.
std::string client_hello(std::string_view random);

enum class ServerFlight {
  partial,  // incomplete
  whole,    // complete up to ServerHelloDone
  refused,  // an alert
  foreign,  // not TLS
};

// `bytes` is everything that the server has sent since.
ServerFlight look_at_flight(std::string_view bytes);

}  // namespace reqmail::upgrade
