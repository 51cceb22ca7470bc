#include "auth822/spf_macro.h"

#include <algorithm>
#include <vector>

#include "base/ascii.h"
#include "base/hex.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::auth822 {

namespace {

constexpr std::size_t kDomainMax = 253;
constexpr std::string_view kDelimiters = ".-+,/_=";
constexpr std::string_view kHex = "0123456789abcdef";

// One `%{...}` taken apart.
struct Macro {
  char letter = 0;  // in lower case
  bool escape = false;
  std::size_t keep = 0;  // parts at the right that stay; 0: all
  bool reverse = false;
  std::string_view delimiters = ".";
};

// A piece of a macro-string: a macro, or bytes as they are.
struct Piece {
  std::optional<Macro> macro;
  std::string literal;
};

bool is_letter_of(char letter, SpfMacroPlace place) {
  constexpr std::string_view kAlways = "slodiphv";
  constexpr std::string_view kInExplanations = "crt";
  return kAlways.find(letter) != std::string_view::npos ||
         (place == SpfMacroPlace::explanation &&
          kInExplanations.find(letter) != std::string_view::npos);
}

// The text between the braces.
std::optional<Macro> parse_macro(std::string_view text, SpfMacroPlace place) {
  Macro macro;
  if (text.empty() || !is_letter_of(base::to_lower(text.front()), place)) {
    return std::nullopt;
  }
  macro.letter = base::to_lower(text.front());
  macro.escape = base::is_upper(text.front());
  text.remove_prefix(1);
  if (const std::size_t digits = base::leading_digits(text); digits > 0) {
    const std::uint64_t keep = base::leading_number(text).value_or(0);
    if (keep == 0) {
      return std::nullopt;
    }
    macro.keep = static_cast<std::size_t>(std::min<std::uint64_t>(keep, kDomainMax));
    text.remove_prefix(digits);
  }
  if (!text.empty() && base::to_lower(text.front()) == 'r') {
    macro.reverse = true;
    text.remove_prefix(1);
  }
  if (text.find_first_not_of(kDelimiters) != std::string_view::npos) {
    return std::nullopt;
  }
  if (!text.empty()) {
    macro.delimiters = text;
  }
  return macro;
}

// Takes the next piece off the text. Absent if the grammar has no such piece.
std::optional<Piece> take_piece(std::string_view& text, SpfMacroPlace place) {
  if (text.front() != '%') {
    const std::size_t end = std::min(text.find('%'), text.size());
    Piece piece{std::nullopt, std::string(text.substr(0, end))};
    text.remove_prefix(end);
    return piece;
  }
  if (text.size() < 2) {
    return std::nullopt;
  }
  const char kind = text[1];
  if (kind == '{') {
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    auto macro = parse_macro(text.substr(2, end - 2), place);
    text.remove_prefix(end + 1);
    return macro ? std::optional<Piece>(Piece{*macro, ""}) : std::nullopt;
  }
  text.remove_prefix(2);
  switch (kind) {
  case '%':
    return Piece{std::nullopt, "%"};
  case '_':
    return Piece{std::nullopt, " "};
  case '-':
    return Piece{std::nullopt, "%20"};
  default:
    return std::nullopt;
  }
}

bool is_literal(std::string_view text, SpfMacroPlace place) {
  // Blanks separate words of an explanation and terms of a record.
  const char lowest = place == SpfMacroPlace::explanation ? ' ' : '!';
  return std::all_of(text.begin(), text.end(),
                     [lowest](char c) { return c >= lowest && c <= '~'; });
}

std::optional<std::vector<Piece>> take_apart(std::string_view text, SpfMacroPlace place) {
  if (!is_literal(text, place)) {
    return std::nullopt;
  }
  std::vector<Piece> pieces;
  while (!text.empty()) {
    auto piece = take_piece(text, place);
    if (!piece) {
      return std::nullopt;
    }
    pieces.push_back(std::move(*piece));
  }
  return pieces;
}

// 192.0.2.1, or the 32 nibbles of an IPv6 address with dots between them.
std::string dotted(const base::IpAddress& address) {
  if (address.family() == base::Family::v4) {
    return address.text();
  }
  std::string text;
  for (const std::uint8_t byte : address.bytes()) {
    for (const unsigned nibble : {unsigned{byte} >> 4, unsigned{byte} & 0xf}) {
      if (!text.empty()) {
        text.push_back('.');
      }
      text.push_back(kHex[nibble]);
    }
  }
  return text;
}

std::string value_of(char letter, const SpfMacroValues& values) {
  switch (letter) {
  case 's':
    return base::concat({values.sender_local, "@", values.sender_domain});
  case 'l':
    return values.sender_local;
  case 'o':
    return values.sender_domain;
  case 'd':
    return values.domain;
  case 'i':
    return dotted(values.client);
  case 'p':
    return values.validated;
  case 'h':
    return values.helo;
  case 'v':
    return values.client.family() == base::Family::v4 ? "in-addr" : "ip6";
  case 'c':
    return values.client.text();
  case 'r':
    return values.receiver;
  default:
    return base::decimal(values.time);
  }
}

std::vector<std::string_view> parts_of(std::string_view text, std::string_view delimiters) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find_first_of(delimiters);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

// Everything but the unreserved characters of RFC 3986 as %xx.
std::string url_escape(std::string_view text) {
  constexpr std::string_view kUnreserved = "-._~";
  std::string escaped;
  for (const char c : text) {
    if (base::is_letter(c) || base::is_digit(c) ||
        kUnreserved.find(c) != std::string_view::npos) {
      escaped.push_back(c);
      continue;
    }
    escaped += "%" + base::hex({&c, 1}, base::HexLetters::upper);
  }
  return escaped;
}

std::string expand(const Macro& macro, const SpfMacroValues& values) {
  const std::string value = value_of(macro.letter, values);
  auto parts = parts_of(value, macro.delimiters);
  if (macro.reverse) {
    std::reverse(parts.begin(), parts.end());
  }
  const std::size_t first =
      macro.keep == 0 || macro.keep >= parts.size() ? 0 : parts.size() - macro.keep;
  std::string text;
  for (std::size_t at = first; at < parts.size(); ++at) {
    if (at > first) {
      text.push_back('.');
    }
    text.append(parts[at]);
  }
  return macro.escape ? url_escape(text) : text;
}

// A label with a letter or a hyphen inside: no number, so no IPv4 address ends in it.
bool is_top_label(std::string_view label) {
  const auto alphanumeric = [](char c) { return base::is_letter(c) || base::is_digit(c); };
  return !label.empty() && alphanumeric(label.front()) && alphanumeric(label.back()) &&
         std::all_of(label.begin(), label.end(),
                     [&](char c) { return alphanumeric(c) || c == '-'; }) &&
         !std::all_of(label.begin(), label.end(), base::is_digit);
}

}  // namespace

bool is_spf_macro_string(std::string_view text, SpfMacroPlace place) {
  return take_apart(text, place).has_value();
}

bool is_spf_domain_spec(std::string_view text) {
  const auto pieces = take_apart(text, SpfMacroPlace::domain_spec);
  if (!pieces || pieces->empty()) {
    return false;
  }
  if (pieces->back().macro) {
    return true;
  }
  std::string_view end = pieces->back().literal;
  if (end.ends_with('.')) {
    end.remove_suffix(1);
  }
  const std::size_t dot = end.rfind('.');
  return dot != std::string_view::npos && is_top_label(end.substr(dot + 1));
}

bool asks_for_validated_name(std::string_view text) {
  const auto pieces = take_apart(text, SpfMacroPlace::explanation);
  return pieces && std::any_of(pieces->begin(), pieces->end(), [](const Piece& piece) {
           return piece.macro && piece.macro->letter == 'p';
         });
}

std::optional<std::string> expand_spf_macros(std::string_view text, SpfMacroPlace place,
                                             const SpfMacroValues& values) {
  const auto pieces = take_apart(text, place);
  if (!pieces) {
    return std::nullopt;
  }
  std::string expanded;
  for (const Piece& piece : *pieces) {
    expanded += piece.macro ? expand(*piece.macro, values) : piece.literal;
  }
  return expanded;
}

std::optional<std::string> expand_spf_domain(std::string_view text,
                                             const SpfMacroValues& values) {
  const auto expanded = expand_spf_macros(text, SpfMacroPlace::domain_spec, values);
  if (!expanded) {
    return std::nullopt;
  }
  std::string_view name = *expanded;
  if (name.ends_with('.')) {
    name.remove_suffix(1);
  }
  while (name.size() > kDomainMax && name.find('.') != std::string_view::npos) {
    name.remove_prefix(name.find('.') + 1);
  }
  return std::string(name);
}

}  // namespace reqmail::auth822
