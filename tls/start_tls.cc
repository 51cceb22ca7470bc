#include "tls/start_tls.h"

#include <string_view>

namespace reqmail::tls {

std::string handshake_error(const Failure& failure) {
  constexpr std::string_view kPrefix = "TLS: ";
  return failure.text.starts_with(kPrefix) ? failure.text.substr(kPrefix.size()) : failure.text;
}

}  // namespace reqmail::tls
