#include "local/tools/escape_arguments.h"

namespace reqmail::local {

namespace {

std::string_view meaning_of(char letter, const MailerMacros& macros) {
  switch (letter) {
  case 'u':
    return macros.user;
  case 'h':
    return macros.host;
  case 'g':
    return macros.sender;
  case '%':
    return "%";
  default:
    return "";
  }
}

}  // namespace

std::string expand_macros(std::string_view argument, const MailerMacros& macros) {
  std::string expanded;
  for (std::size_t i = 0; i < argument.size(); ++i) {
    if (argument[i] != '%') {
      expanded.push_back(argument[i]);
      continue;
    }
    ++i;
    if (i < argument.size()) {
      expanded.append(meaning_of(argument[i], macros));
    }
  }
  return expanded;
}

}  // namespace reqmail::local
