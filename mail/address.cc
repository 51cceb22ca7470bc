#include "mail/address.h"

#include <algorithm>

#include "base/ascii.h"

namespace reqmail::mail {

namespace {

constexpr unsigned char kDelete = 127;

// Returns whether this is a character of an atom (RFC 5322 section 3.2.3).
bool is_atom_character(char c) {
  constexpr std::string_view kSpecial = "!#$%&'*+-/=?^_`{|}~";
  return base::is_letter(c) || base::is_digit(c) || kSpecial.find(c) != std::string_view::npos;
}

bool is_dot_atom(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.' ||
      text.find("..") != std::string_view::npos) {
    return false;
  }
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '.' || is_atom_character(c); });
}

}  // namespace

AddressParts split_address(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) {
    return AddressParts{address, {}, false};
  }
  return AddressParts{address.substr(0, at), address.substr(at + 1), true};
}

bool has_control_character(std::string_view address) {
  return std::any_of(address.begin(), address.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < ' ' || byte == kDelete;
  });
}

std::string quote_local_part(std::string_view local) {
  if (is_dot_atom(local)) {
    return std::string(local);
  }
  std::string quoted = "\"";
  for (const char c : local) {
    if (c == '\r' || c == '\n' || c == '"' || c == '\\') {
      quoted.push_back('\\');
    }
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

std::string quote_address(std::string_view address) {
  if (address.empty()) {
    return {};
  }
  const AddressParts parts = split_address(address);
  std::string quoted = quote_local_part(parts.local);
  if (parts.has_domain) {
    quoted.push_back('@');
    quoted.append(parts.domain);
  }
  return quoted;
}

}  // namespace reqmail::mail
