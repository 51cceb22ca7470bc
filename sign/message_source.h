// Reads a message without moving the position of its descriptor, which another process may
// share.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::sign {

class MessageSource {
 public:
  // A file is read from its start; what has no positions, such as a pipe, from where it is.
  explicit MessageSource(int message);

  // Returns the next piece, empty at the end. The view is valid until the next call.
  Result<std::string_view> next();

 private:
  int message_;
  bool has_positions_ = true;
  off_t at_ = 0;
  std::string buffer_;
};

}  // namespace reqmail::sign
