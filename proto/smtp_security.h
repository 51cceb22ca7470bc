// What a session knows about the TLS it runs in.
#pragma once

#include <optional>
#include <string>

namespace reqmail::proto {

struct SmtpSecurity {
  std::string cipher;        // empty where it is not known
  std::string version = {};  // such as "TLSv1.3"; empty where it is not known
  bool implicit = false;     // TLS from the first byte on
  // The address in a verified certificate of the client that may relay.
  std::optional<std::string> client = std::nullopt;
  // If certificates are asked for and this client's does not let it relay: why, or empty.
  std::optional<std::string> client_verify_error = std::nullopt;
};

}  // namespace reqmail::proto
