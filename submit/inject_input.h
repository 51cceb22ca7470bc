// Reads the message for qmail-inject block by block.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mail/line_ends.h"

namespace reqmail::submit {

// The number of bytes that are read at once, and that are examined to find out how lines end.
inline constexpr std::size_t kInjectBlock = std::size_t{64} << 10;

class InjectInput {
 public:
  // If `find_line_ends` is set, a message whose lines end in CR LF is converted to LF.
  InjectInput(int fd, bool find_line_ends);

  // Returns the next block; empty at the end. The view is valid until the next call. A Failure
  // is temporary and has the text "read error".
  Result<std::string_view> next();

 private:
  Result<std::string_view> read(std::size_t filled);
  Result<std::string_view> first_block();

  int fd_;
  bool find_line_ends_;
  bool has_crlf_ = false;
  bool at_end_ = false;
  std::vector<char> buffer_;
  mail::CrlfRemover remover_;
};

}  // namespace reqmail::submit
