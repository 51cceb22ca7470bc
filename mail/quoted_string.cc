#include "mail/quoted_string.h"

#include "base/terminal_text.h"

namespace reqmail::mail {

std::string quoted_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : base::terminal_safe(text, '?')) {
    if (c == '"' || c == '\\') {
      quoted.push_back('\\');
    }
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

}  // namespace reqmail::mail
