// The message of a delivery: an open, seekable file that every instruction reads from its
// start.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace reqmail::local {

class MessageFile {
 public:
  // Does not own the descriptor.
  explicit MessageFile(int fd);

  [[nodiscard]] int fd() const { return fd_; }

  // Back to the start. Failure: "Unable to rewind message. (#4.3.0)".
  Result<void> rewind();

  // The next piece, empty at the end; the view lives until the next call. Failure: "Unable to
  // read message: ERROR. (#4.3.0)".
  Result<std::string_view> next();

 private:
  int fd_;
  std::unique_ptr<char[]> buffer_;
};

// A Failure (permanent) when the header of the message has this very line, line feed included;
// reads from the start.
Result<void> check_loop(MessageFile& message, std::string_view delivered_to_line);

}  // namespace reqmail::local
