// Reads a message from a descriptor and separates its header fields from its body.
#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"

namespace reqmail::local {

struct PartHandlers {
  // Takes a complete field with its final LF. A Failure ends the reading.
  std::function<Result<void>(std::string_view field)> field;
  // Takes pieces of the body. The first piece is the blank line between header and body, even
  // if the message has a body without one. Returns false if no more pieces are wanted.
  std::function<bool(std::string_view piece)> body;
};

// Reads from the current offset of the descriptor on. A Failure comes from a handler, or has
// the errno of a failed read.
Result<void> read_parts(int fd, const PartHandlers& handlers);

}  // namespace reqmail::local
