// What a session knows about its TLS.
#pragma once

#include <optional>
#include <string>

namespace reqmail::proto {

struct SmtpSecurity {
  std::string cipher;        // empty if it is not known
  std::string version = {};  // such as "TLSv1.3"; empty if it is not known
  bool implicit = false;     // TLS from the first byte on, without STARTTLS
  // The address in the client's verified certificate, if that certificate allows it to relay.
  std::optional<std::string> client = std::nullopt;
  // If certificates are asked for and the client's does not allow it to relay: the reason,
  // which may be empty.
  std::optional<std::string> client_verify_error = std::nullopt;
};

}  // namespace reqmail::proto
