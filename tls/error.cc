#include "tls/error.h"

#include <openssl/err.h>

#include "base/text.h"

namespace reqmail::tls {

std::string take_reason() {
  const unsigned long code = ERR_get_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? "unknown reason" : reason;
}

Failure tls_failure(std::string_view what, int error) {
  return temporary(base::concat({what, ": ", take_reason()}), error);
}

}  // namespace reqmail::tls
