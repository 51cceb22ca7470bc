// The message that qmail-inject reads, block by block.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mail/line_ends.h"

namespace reqmail::submit {

// As many bytes are read at once, and looked at before it is said how lines end.
inline constexpr std::size_t kInjectBlock = std::size_t{64} << 10;

class InjectInput {
 public:
  // `find_line_ends`: a message with CR LF line ends is given with LF ones.
  InjectInput(int fd, bool find_line_ends);

  // The next block, empty at the end; the view lives until the next call. A Failure is
  // temporary: "read error".
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
