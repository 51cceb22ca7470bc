#include "proto/enhanced_reply.h"

#include <cstddef>
#include <optional>
#include <vector>

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::proto {

namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kCodeSize = 3;
// The length of a reply code with the character after it.
constexpr std::size_t kTextAt = kCodeSize + 1;

// Removes a number of one to `digits` digits from the beginning of `text`.
bool take_number(std::string_view& text, std::size_t digits) {
  std::size_t length = 0;
  while (length < text.size() && base::is_digit(text[length])) {
    ++length;
  }
  if (length == 0 || length > digits) {
    return false;
  }
  text.remove_prefix(length);
  return true;
}

bool take_dot(std::string_view& text) {
  if (!text.starts_with('.')) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

// Returns the status code at the front of `text`, which a blank or the end of the text must
// follow (RFC 3463 section 2).
std::optional<std::string_view> leading_status(std::string_view text) {
  constexpr std::size_t kClassDigits = 1;
  constexpr std::size_t kDetailDigits = 3;
  std::string_view rest = text;
  if (!take_number(rest, kClassDigits) || !take_dot(rest) ||
      !take_number(rest, kDetailDigits) || !take_dot(rest) ||
      !take_number(rest, kDetailDigits)) {
    return std::nullopt;
  }
  if (!rest.empty() && !rest.starts_with(' ')) {
    return std::nullopt;
  }
  return text.substr(0, text.size() - rest.size());
}

// The text of one line of a reply without the status, and the status that it had.
struct Line {
  std::string_view text;
  std::optional<std::string_view> status;
};

Line take_apart(std::string_view text) {
  if (const auto status = leading_status(text)) {
    return {base::trim_start(text.substr(status->size())), status};
  }
  constexpr std::string_view kOpen = "(#";
  const std::string_view trimmed = base::trim_end(text);
  const std::size_t at = trimmed.rfind(kOpen);
  if (at == std::string_view::npos || !trimmed.ends_with(')')) {
    return {text, std::nullopt};
  }
  std::string_view inside = trimmed.substr(at + kOpen.size());
  inside.remove_suffix(1);
  const auto status = leading_status(inside);
  if (!status || status->size() != inside.size()) {
    return {text, std::nullopt};
  }
  return {base::trim_end(trimmed.substr(0, at)), status};
}

// Removes a line without its end from the beginning of `replies`.
std::string_view take_line(std::string_view& replies) {
  const std::size_t end = replies.find(kLineEnd);
  const std::string_view line = replies.substr(0, end);
  replies.remove_prefix(end == std::string_view::npos ? replies.size() : end + kLineEnd.size());
  return line;
}

bool goes_on(std::string_view line) {
  return line.size() > kCodeSize && line[kCodeSize] == '-';
}

// Removes the lines of one reply.
std::vector<std::string_view> take_reply(std::string_view& replies) {
  std::vector<std::string_view> lines;
  do {
    lines.push_back(take_line(replies));
  } while (goes_on(lines.back()) && !replies.empty());
  return lines;
}

// Returns the status of a reply without its class.
std::string detail_of(const std::vector<std::string_view>& lines, std::string_view positive) {
  constexpr std::string_view kUndefined = ".0.0";
  for (const std::string_view line : lines) {
    const Line parts = take_apart(line.substr(kTextAt));
    if (parts.status) {
      return std::string(parts.status->substr(1));
    }
  }
  return std::string(lines.front().starts_with('2') ? positive.substr(1) : kUndefined);
}

bool is_result(const std::vector<std::string_view>& lines) {
  for (const std::string_view line : lines) {
    if (line.size() < kTextAt) {
      return false;
    }
  }
  return !lines.front().starts_with('3');
}

}  // namespace

std::string enhanced_reply(std::string_view replies, std::string_view status) {
  std::string result;
  while (!replies.empty()) {
    const auto lines = take_reply(replies);
    if (!is_result(lines)) {
      for (const std::string_view line : lines) {
        result += base::concat({line, kLineEnd});
      }
      continue;
    }
    const std::string detail = detail_of(lines, status);
    for (const std::string_view line : lines) {
      result += base::concat({line.substr(0, kTextAt), line.substr(0, 1), detail, " ",
                              take_apart(line.substr(kTextAt)).text, kLineEnd});
    }
  }
  return result;
}

}  // namespace reqmail::proto
