#include "base/text.h"

#include <algorithm>

#include "base/ascii.h"

namespace reqmail::base {

namespace {

bool is_graphic(char c) {
  return c >= 33 && c <= 126;
}

}  // namespace

std::string concat(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) {
    size += part.size();
  }
  std::string out;
  out.reserve(size);
  for (const std::string_view part : parts) {
    out.append(part);
  }
  return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  for (;;) {
    const std::size_t end = text.find(separator);
    pieces.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return pieces;
    }
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> lines(std::string_view text) {
  std::vector<std::string_view> out = split(text, '\n');
  if (out.back().empty()) {
    out.pop_back();
  }
  return out;
}

std::string log_safe(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (!is_graphic(c) || c == '%') {
      c = '_';
    }
  }
  return out;
}

std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (!is_graphic(c)) {
      c = '?';
    }
  }
  return out;
}

bool is_safe_name(std::string_view name) {
  constexpr std::size_t kNameMax = 255;
  return !name.empty() && name.size() <= kNameMax && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
         });
}

}  // namespace reqmail::base
