// A message read from a descriptor, its header fields apart from its body.
#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"

namespace reqmail::local {

struct PartHandlers {
  // Each field whole, with its final LF. A Failure ends the reading.
  std::function<Result<void>(std::string_view field)> field;
  // Pieces of the body. The first is the blank line between header and body, given also where
  // the message has none although a body follows. False: enough.
  std::function<bool(std::string_view piece)> body;
};

// Reads from where the descriptor stands. A Failure is a handler's, or has the errno of a
// failed read.
Result<void> read_parts(int fd, const PartHandlers& handlers);

}  // namespace reqmail::local
