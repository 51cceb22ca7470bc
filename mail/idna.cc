#include "mail/idna.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/text.h"
#include "mail/address.h"
#include "mail/idna_conversion.h"

namespace reqmail::mail {

namespace {

constexpr unsigned char kContinuationFirst = 0x80;
constexpr unsigned char kContinuationLast = 0xbf;

// The bytes that may follow the first byte of a character (RFC 3629 section 4): how many there
// are, and the range of the first of them, which excludes longer forms and surrogates.
struct Sequence {
  std::size_t following;
  unsigned char low = kContinuationFirst;
  unsigned char high = kContinuationLast;
};

std::optional<Sequence> sequence_after(unsigned char first) {
  if (first < 0x80) {
    return Sequence{.following = 0};
  }
  if (first >= 0xc2 && first <= 0xdf) {
    return Sequence{.following = 1};
  }
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned char low = first == 0xe0 ? 0xa0 : kContinuationFirst;
    const unsigned char high = first == 0xed ? 0x9f : kContinuationLast;
    return Sequence{.following = 2, .low = low, .high = high};
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const unsigned char low = first == 0xf0 ? 0x90 : kContinuationFirst;
    const unsigned char high = first == 0xf4 ? 0x8f : kContinuationLast;
    return Sequence{.following = 3, .low = low, .high = high};
  }
  return std::nullopt;
}

bool is_between(unsigned char byte, unsigned char low, unsigned char high) {
  return byte >= low && byte <= high;
}

// The one converter of this process.
LabelConverter& chosen_converter() {
  static LabelConverter converter = nullptr;
  return converter;
}

std::optional<std::string> if_any(Result<std::string> labels) {
  return labels ? std::optional(*std::move(labels)) : std::nullopt;
}

}  // namespace

void convert_u_labels_by(LabelConverter converter) {
  chosen_converter() = converter;
}

bool has_label_converter() {
  return chosen_converter() != nullptr;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const auto sequence = sequence_after(byte(i));
    if (!sequence || text.size() - i <= sequence->following) {
      return false;
    }
    for (std::size_t k = 1; k <= sequence->following; ++k) {
      if (!(k == 1 ? is_between(byte(i + k), sequence->low, sequence->high)
                   : is_between(byte(i + k), kContinuationFirst, kContinuationLast))) {
        return false;
      }
    }
    i += 1 + sequence->following;
  }
  return true;
}

Result<std::string> find_a_labels(std::string_view domain) {
  if (is_ascii(domain)) {
    return std::string(domain);
  }
  const LabelConverter convert = chosen_converter();
  if (domain.size() > kUnicodeDomainMax || domain.find('\0') != std::string_view::npos ||
      !is_utf8(domain) || convert == nullptr) {
    return permanent({});
  }
  return convert(std::string(domain));
}

std::optional<std::string> to_a_labels(std::string_view domain) {
  return if_any(find_a_labels(domain));
}

Result<std::string> find_address_in_a_labels(std::string_view address) {
  const AddressParts parts = split_address(address);
  if (!parts.has_domain || is_ascii(parts.domain)) {
    return std::string(address);
  }
  auto domain = find_a_labels(parts.domain);
  return domain ? base::concat({parts.local, "@", *domain}) : std::move(domain);
}

std::optional<std::string> address_in_a_labels(std::string_view address) {
  return if_any(find_address_in_a_labels(address));
}

namespace {

// A key without A-labels stays; the Failure is temporary.
Result<std::string> find_line_in_a_labels(std::string_view line) {
  const std::string_view key = line.substr(0, line.find_first_of(":|"));
  // Without '@' this is 0.
  const std::size_t at = key.rfind('@') + 1;
  const std::size_t begin = std::min(key.find_first_not_of("!.", at), key.size());
  const auto domain = find_a_labels(key.substr(begin));
  if (!domain && domain.error().permanence == Permanence::temporary) {
    return domain.error();
  }
  return domain ? base::concat({line.substr(0, begin), *domain, line.substr(key.size())})
                : std::string(line);
}

}  // namespace

std::string line_in_a_labels(std::string_view line) {
  auto converted = find_line_in_a_labels(line);
  return converted ? *std::move(converted) : std::string(line);
}

std::vector<std::string> lines_in_a_labels(const std::vector<std::string>& lines) {
  std::vector<std::string> converted;
  converted.reserve(lines.size());
  for (const std::string& line : lines) {
    converted.push_back(line_in_a_labels(line));
  }
  return converted;
}

Result<std::vector<std::string>> find_lines_in_a_labels(const std::vector<std::string>& lines) {
  std::vector<std::string> converted;
  converted.reserve(lines.size());
  for (const std::string& line : lines) {
    auto found = find_line_in_a_labels(line);
    if (!found) {
      return found.error();
    }
    converted.push_back(*std::move(found));
  }
  return converted;
}

}  // namespace reqmail::mail
