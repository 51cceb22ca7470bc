// IP addresses of both families as values. A v4-mapped IPv6 address is the IPv4 address it
// maps.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace reqmail::base {

enum class Family { v4, v6 };

class IpAddress {
 public:
  using V4 = std::array<std::uint8_t, 4>;
  using V6 = std::array<std::uint8_t, 16>;

  // 0.0.0.0
  IpAddress() = default;

  explicit IpAddress(const V4& bytes);
  // Becomes IPv4 where it is v4-mapped (::ffff:a.b.c.d).
  explicit IpAddress(const V6& bytes);

  // The whole text as a dotted quad (four decimal numbers up to 255) or in one of the forms of
  // RFC 4291 section 2.2; nothing else, no zone.
  static std::optional<IpAddress> parse(std::string_view text);

  // An address literal as mail writes it: `[192.0.2.1]`, `[IPv6:2001:db8::1]`,
  // `[2001:db8::1]`.
  static std::optional<IpAddress> parse_literal(std::string_view text);

  [[nodiscard]] Family family() const { return family_; }

  // Four or sixteen bytes in network order.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const;

  // 0.0.0.0 or ::
  [[nodiscard]] bool unspecified() const;

  // Whether the first `prefix` bits are the same, in addresses of one family. `prefix` is at
  // most 32 or 128.
  [[nodiscard]] bool agrees(const IpAddress& other, std::size_t prefix) const;

  // 127.0.0.0/8, 0.0.0.0/8, ::1 or ::, which on every host lead back to that host.
  [[nodiscard]] bool leads_back() const;

  // Dotted quad, or RFC 5952: lower case, the longest run of two or more zero groups shortened.
  [[nodiscard]] std::string text() const;

  // The name whose PTR record names this address: 1.2.0.192.in-addr.arpa or ….ip6.arpa.
  [[nodiscard]] std::string reverse_name() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  Family family_ = Family::v4;
  V6 bytes_ = {};
};

}  // namespace reqmail::base
