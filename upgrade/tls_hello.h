// The first half of a handshake of TLS 1.2, as far as it shows that a server has its key: what
// a client says, and whether the server's answer is whole. The server signs it (or sends the
// certificate whose key it will have to use), so it comes from nobody who cannot read the key.
#pragma once

#include <string>
#include <string_view>

namespace reqmail::upgrade {

// A ClientHello record with these 32 random bytes.
std::string client_hello(std::string_view random);

enum class ServerFlight {
  partial,  // more has to come
  whole,    // up to ServerHelloDone
  refused,  // an alert
  foreign,  // no TLS
};

// `bytes`: all that the server has sent since.
ServerFlight look_at_flight(std::string_view bytes);

}  // namespace reqmail::upgrade
