// What a child writes to a pipe.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "base/result.h"

namespace reqmail::sys {

// Reads until every writer has closed the pipe, at most until `end` on the clock of
// monotonic(). Failure.error is ETIMEDOUT after that, EMSGSIZE if there are more than `limit`
// bytes, else the errno.
Result<std::string> read_until_closed(int pipe, std::size_t limit,
                                      std::chrono::milliseconds end);

}  // namespace reqmail::sys
