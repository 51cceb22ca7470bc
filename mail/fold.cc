#include "mail/fold.h"

namespace reqmail::mail {

std::string folded(std::string_view field) {
  std::string text;
  std::size_t line = 0;
  while (!field.empty()) {
    // The blanks before a word are part of it.
    const std::size_t word = field.find_first_not_of(' ');
    const std::size_t end =
        word == std::string_view::npos ? field.size() : field.find(' ', word);
    const std::string_view piece = field.substr(0, end);
    field.remove_prefix(piece.size());
    if (line > 0 && piece.starts_with(' ') && line + piece.size() > kFoldWidth &&
        word != std::string_view::npos) {
      text.push_back('\n');
      line = 0;
    }
    text.append(piece);
    line += piece.size();
  }
  text.push_back('\n');
  return text;
}

}  // namespace reqmail::mail
