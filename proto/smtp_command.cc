#include "proto/smtp_command.h"

#include <algorithm>
#include <limits>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "mail/address.h"

namespace reqmail::proto {

namespace {

// The methods that a web page can make a browser or an HTTP library send (RFC 9110 section 9,
// PATCH, and PRI of HTTP/2).
constexpr std::string_view kHttpMethods[] = {"GET",    "POST",    "PUT",     "HEAD",
                                             "DELETE", "CONNECT", "TRACE",   "PATCH",
                                             "PRI",    "OPTIONS", "PROPFIND"};

std::string_view skip_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

// An argument from the beginning of its address on, and the byte that ends the address outside
// quotes.
struct AddressField {
  std::string_view text;
  char terminator;
};

AddressField address_field(std::string_view argument) {
  const std::size_t bracket = argument.find('<');
  if (bracket != std::string_view::npos) {
    return {argument.substr(bracket + 1), '>'};
  }
  const std::size_t colon = argument.find(':');
  if (colon == std::string_view::npos) {
    return {{}, ' '};
  }
  return {skip_blanks(argument.substr(colon + 1)), ' '};
}

// Appends the part before the terminator to `address`, unquoted; returns the part after it.
std::string_view unquote(AddressField field, std::string* address) {
  bool quoted = false;
  for (std::size_t i = 0; i < field.text.size(); ++i) {
    const char c = field.text[i];
    if (c == '\\') {
      ++i;
      if (i < field.text.size() && address != nullptr) {
        address->push_back(field.text[i]);
      }
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == field.terminator && !quoted) {
      return field.text.substr(i + 1);
    } else if (address != nullptr) {
      address->push_back(c);
    }
  }
  return {};
}

// Removes a source route (RFC 5321 appendix C), as in
// "@one.example,@two.example:box@three.example".
std::string_view without_route(std::string_view text) {
  if (text.empty() || text.front() != '@') {
    return text;
  }
  const std::size_t colon = text.find(':');
  return colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
}

}  // namespace

SmtpCommand parse_smtp_command(std::string_view line) {
  const std::size_t blank = line.find(' ');
  SmtpCommand command;
  command.word = line.substr(0, blank);
  if (blank != std::string_view::npos) {
    command.argument = skip_blanks(line.substr(blank));
  }
  return command;
}

bool is_http_request(std::string_view line) {
  const std::string_view word = line.substr(0, line.find(' '));
  for (const std::string_view method : kHttpMethods) {
    if (base::equal_ci(word, method)) {
      return line.find(" HTTP/", word.size()) != std::string_view::npos;
    }
  }
  return false;
}

std::string smtp_address(std::string_view argument) {
  AddressField field = address_field(argument);
  field.text = without_route(field.text);
  std::string address;
  (void)unquote(field, &address);
  return address;
}

std::optional<std::string_view> smtp_parameter(std::string_view argument,
                                               std::string_view name) {
  for (const std::string_view word :
       base::split(unquote(address_field(argument), nullptr), ' ')) {
    const std::size_t equals = word.find('=');
    if (equals != std::string_view::npos && base::equal_ci(word.substr(0, equals), name)) {
      return word.substr(equals + 1);
    }
  }
  return std::nullopt;
}

bool has_smtp_keyword(std::string_view argument, std::string_view name) {
  const auto words = base::split(unquote(address_field(argument), nullptr), ' ');
  return std::ranges::any_of(
      words, [name](std::string_view word) { return base::equal_ci(word, name); });
}

std::string_view smtp_parameters(std::string_view argument) {
  return skip_blanks(unquote(address_field(argument), nullptr));
}

std::optional<std::uint64_t> announced_size(std::string_view argument) {
  const auto value = smtp_parameter(argument, "SIZE");
  if (!value || value->empty() || base::leading_digits(*value) != value->size()) {
    return std::nullopt;
  }
  return base::parse_u64(*value).value_or(std::numeric_limits<std::uint64_t>::max());
}

std::optional<Ipv4Octets> domain_literal(std::string_view address) {
  const mail::AddressParts parts = mail::split_address(address);
  if (parts.domain.size() < 2 || parts.domain.front() != '[' || parts.domain.back() != ']') {
    return std::nullopt;
  }
  const auto numbers = base::split(parts.domain.substr(1, parts.domain.size() - 2), '.');
  Ipv4Octets octets = {};
  if (numbers.size() != octets.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto number = base::parse_u64(numbers[i]);
    if (!number || *number > 255) {
      return std::nullopt;
    }
    octets[i] = static_cast<std::uint8_t>(*number);
  }
  return octets;
}

std::optional<base::IpAddress> ipv6_domain_literal(std::string_view address) {
  constexpr std::string_view kTagged = "[IPv6:";
  const std::string_view domain = mail::split_address(address).domain;
  return base::starts_with_ci(domain, kTagged) ? base::IpAddress::parse_literal(domain)
                                               : std::nullopt;
}

}  // namespace reqmail::proto
