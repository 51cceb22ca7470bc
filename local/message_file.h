// The message of a delivery: an open, seekable file that every instruction reads from its
// beginning.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace reqmail::local {

class MessageFile {
 public:
  // The object does not own the descriptor.
  explicit MessageFile(int fd);

  [[nodiscard]] int fd() const { return fd_; }

  // Returns to the beginning. The text of a Failure is "Unable to rewind message. (#4.3.0)".
  Result<void> rewind();

  // Returns the next piece; empty at the end. The view is valid until the next call. The text
  // of a Failure is "Unable to read message: ERROR. (#4.3.0)".
  Result<std::string_view> next();

 private:
  int fd_;
  std::unique_ptr<char[]> buffer_;
};

// Returns a permanent Failure if the header of the message has exactly this line, with its line
// feed. It reads the message from its beginning.
Result<void> check_loop(MessageFile& message, std::string_view delivered_to_line);

}  // namespace reqmail::local
