#include "mail/auth_results.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/fold.h"
#include "mail/quoted_string.h"

namespace reqmail::mail {

namespace {

constexpr std::string_view kSpace = " \t\r\n";

// Removes a comment, with the comments in it, from the beginning. A comment without an end
// extends to the end of the text.
void skip_comment(std::string_view& text) {
  int depth = 0;
  std::size_t at = 0;
  do {
    const char c = text[at++];
    if (c == '\\' && at < text.size()) {
      ++at;
    }
    depth += c == '(' ? 1 : 0;
    depth -= c == ')' ? 1 : 0;
  } while (depth > 0 && at < text.size());
  text.remove_prefix(at);
}

void skip_space_and_comments(std::string_view& text) {
  while (!text.empty()) {
    if (kSpace.find(text.front()) != std::string_view::npos) {
      text.remove_prefix(1);
    } else if (text.front() == '(') {
      skip_comment(text);
    } else {
      return;
    }
  }
}

// Returns the contents of a quoted string without quotes and backslashes.
std::string unquoted(std::string_view text) {
  std::string inside;
  for (std::size_t at = 1; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      ++at;
    }
    inside.push_back(text[at]);
  }
  return inside;
}

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`{|}~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return base::is_letter(c) || base::is_digit(c) || kMarks.find(c) != std::string_view::npos;
  });
}

std::string as_value(std::string_view id) {
  return is_token(id) ? std::string(id) : quoted_string(id);
}

}  // namespace

std::optional<std::string> authserv_id(std::string_view value) {
  skip_space_and_comments(value);
  if (value.empty() || value.front() == ';') {
    return std::nullopt;
  }
  if (value.front() == '"') {
    return unquoted(value);
  }
  constexpr std::string_view kEnds = " \t\r\n;(";
  return std::string(value.substr(0, value.find_first_of(kEnds)));
}

std::string auth_results_field(std::string_view id, const std::vector<std::string>& results) {
  std::string field = base::concat({"Authentication-Results: ", as_value(id)});
  for (const std::string& result : results) {
    field += base::concat({"; ", result});
  }
  if (results.empty()) {
    field += "; none";
  }
  return folded(field);
}

}  // namespace reqmail::mail
