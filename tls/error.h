// What OpenSSL says went wrong.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::tls {

// The reason of the oldest error in OpenSSL's queue, which is empty afterwards: lower-case
// words without numbers. "unknown reason" if there is none.
std::string take_reason();

// "what: reason", temporary.
Failure tls_failure(std::string_view what, int error = 0);

}  // namespace reqmail::tls
