#include "base/ip_address.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::base {

namespace {

constexpr std::size_t kGroups = 8;
constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0,    0,
                                                        0, 0, 0, 0, 0xff, 0xff};
constexpr std::string_view kHexDigits = "0123456789abcdef";

std::optional<IpAddress::V4> parse_quad(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() != 4) {
    return std::nullopt;
  }
  IpAddress::V4 bytes = {};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto number = parse_u64(parts[i]);
    if (!number || *number > 255) {
      return std::nullopt;
    }
    bytes[i] = static_cast<std::uint8_t>(*number);
  }
  return bytes;
}

std::optional<std::uint16_t> parse_group(std::string_view text) {
  if (text.empty() || text.size() > 4) {
    return std::nullopt;
  }
  unsigned value = 0;
  for (const char c : text) {
    const std::size_t digit = kHexDigits.find(to_lower(c));
    if (digit == std::string_view::npos) {
      return std::nullopt;
    }
    value = value * 16 + static_cast<unsigned>(digit);
  }
  return static_cast<std::uint16_t>(value);
}

// Appends the groups of `text`, which is one side of a "::" or the whole address. If
// `quad_allowed`, the last group may be a dotted quad.
bool parse_groups(std::string_view text, bool quad_allowed, std::string& bytes) {
  if (text.empty()) {
    return true;
  }
  const auto parts = split(text, ':');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (quad_allowed && i + 1 == parts.size() && parts[i].find('.') != std::string_view::npos) {
      const auto quad = parse_quad(parts[i]);
      if (!quad) {
        return false;
      }
      bytes.append(quad->begin(), quad->end());
      continue;
    }
    const auto group = parse_group(parts[i]);
    if (!group) {
      return false;
    }
    bytes.push_back(static_cast<char>(*group >> 8));
    bytes.push_back(static_cast<char>(*group & 0xff));
  }
  return true;
}

std::optional<IpAddress::V6> parse_v6(std::string_view text) {
  const std::size_t gap = text.find("::");
  const bool shortened = gap != std::string_view::npos;
  std::string front;
  std::string back;
  if (!parse_groups(text.substr(0, gap), !shortened, front) ||
      (shortened && !parse_groups(text.substr(gap + 2), true, back))) {
    return std::nullopt;
  }
  IpAddress::V6 bytes = {};
  const std::size_t given = front.size() + back.size();
  // A "::" replaces at least one group.
  if (shortened ? given > bytes.size() - 2 : given != bytes.size()) {
    return std::nullopt;
  }
  std::copy(front.begin(), front.end(), bytes.begin());
  std::copy(back.begin(), back.end(), bytes.end() - static_cast<std::ptrdiff_t>(back.size()));
  return bytes;
}

struct Run {
  std::size_t start = kGroups;
  std::size_t length = 0;
};

// Returns the first of the longest runs of zero groups; its length is 0 if no run has two
// groups.
Run longest_zero_run(const std::array<unsigned, kGroups>& groups) {
  Run best;
  for (std::size_t i = 0; i < kGroups; ++i) {
    std::size_t end = i;
    while (end < kGroups && groups[end] == 0) {
      ++end;
    }
    if (end - i > best.length) {
      best = Run{i, end - i};
    }
    i = std::max(i, end);
  }
  return best.length >= 2 ? best : Run{};
}

std::string hex(unsigned value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), kHexDigits[value & 0xf]);
    value >>= 4;
  } while (value != 0);
  return digits;
}

}  // namespace

IpAddress::IpAddress(const V4& bytes) {
  std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

IpAddress::IpAddress(const V6& bytes) {
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin())) {
    std::copy(bytes.begin() + kMappedPrefix.size(), bytes.end(), bytes_.begin());
    return;
  }
  family_ = Family::v6;
  bytes_ = bytes;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.find(':') != std::string_view::npos) {
    const auto bytes = parse_v6(text);
    return bytes ? std::optional(IpAddress(*bytes)) : std::nullopt;
  }
  const auto bytes = parse_quad(text);
  return bytes ? std::optional(IpAddress(*bytes)) : std::nullopt;
}

std::optional<IpAddress> IpAddress::parse_literal(std::string_view text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
    return std::nullopt;
  }
  text = text.substr(1, text.size() - 2);
  constexpr std::string_view kTag = "IPv6:";
  if (starts_with_ci(text, kTag)) {
    text.remove_prefix(kTag.size());
    return text.find(':') == std::string_view::npos ? std::nullopt : parse(text);
  }
  return parse(text);
}

std::span<const std::uint8_t> IpAddress::bytes() const {
  return std::span(bytes_).first(family_ == Family::v4 ? std::size_t{4} : std::size_t{16});
}

bool IpAddress::unspecified() const {
  return bytes_ == V6{};
}

bool IpAddress::agrees(const IpAddress& other, std::size_t prefix) const {
  if (family_ != other.family_) {
    return false;
  }
  constexpr std::size_t kByte = 8;
  const std::size_t whole = prefix / kByte;
  const auto mine = bytes();
  const auto theirs = other.bytes();
  if (!std::equal(mine.begin(), mine.begin() + static_cast<std::ptrdiff_t>(whole),
                  theirs.begin())) {
    return false;
  }
  const std::size_t rest = prefix % kByte;
  return rest == 0 || (mine[whole] ^ theirs[whole]) >> (kByte - rest) == 0;
}

bool IpAddress::leads_back() const {
  constexpr std::uint8_t kLoopback = 127;
  if (family_ == Family::v4) {
    return bytes_.front() == 0 || bytes_.front() == kLoopback;
  }
  V6 loopback = {};
  loopback.back() = 1;
  return unspecified() || bytes_ == loopback;
}

std::string IpAddress::text() const {
  std::string text;
  if (family_ == Family::v4) {
    for (const std::uint8_t byte : bytes()) {
      if (!text.empty()) {
        text.push_back('.');
      }
      text.append(decimal(byte));
    }
    return text;
  }
  std::array<unsigned, kGroups> groups = {};
  for (std::size_t i = 0; i < kGroups; ++i) {
    groups[i] = static_cast<unsigned>(bytes_[2 * i] << 8 | bytes_[2 * i + 1]);
  }
  const Run gap = longest_zero_run(groups);
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (i == gap.start) {
      text.append("::");
      i += gap.length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') {
      text.push_back(':');
    }
    text.append(hex(groups[i]));
  }
  return text;
}

std::string IpAddress::reverse_name() const {
  std::string name;
  const auto own = bytes();
  for (std::size_t i = own.size(); i-- > 0;) {
    if (family_ == Family::v4) {
      name.append(decimal(own[i]));
      name.push_back('.');
      continue;
    }
    for (const unsigned nibble : {own[i] & 0xfU, static_cast<unsigned>(own[i]) >> 4}) {
      name.push_back(kHexDigits[nibble]);
      name.push_back('.');
    }
  }
  return name + (family_ == Family::v4 ? "in-addr.arpa" : "ip6.arpa");
}

}  // namespace reqmail::base
