// Classification of bytes as ASCII, independent of the locale, since mail consists of bytes.
#pragma once

#include <string>
#include <string_view>

namespace reqmail::base {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

constexpr char to_lower(char c) {
  return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_letter(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z');
}

// Returns whether this is a blank or a tab.
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string lower(std::string_view text);

bool equal_ci(std::string_view a, std::string_view b);

bool starts_with_ci(std::string_view text, std::string_view prefix);

bool ends_with_ci(std::string_view text, std::string_view suffix);

// Returns the text without the blanks, tabs and line feeds at its end, as control files trim a
// line.
std::string_view trim_end(std::string_view text);

// Returns the text without the blanks and tabs at its beginning.
std::string_view trim_start(std::string_view text);

}  // namespace reqmail::base
