#include "base/bad_line.h"

#include "base/terminal_text.h"
#include "base/text.h"

namespace reqmail::base {

std::string bad_line_message(std::string_view file, const BadLine& line) {
  return concat(
      {peer_text(file), ": bad line: ", peer_text(line.text), " (", peer_text(line.why), ")"});
}

}  // namespace reqmail::base
