// IP addresses of both families. A v4-mapped IPv6 address is treated as the IPv4 address.
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

  // The address is 0.0.0.0.
  IpAddress() = default;

  explicit IpAddress(const V4& bytes);
  // The address is IPv4 if the bytes are v4-mapped (::ffff:a.b.c.d).
  explicit IpAddress(const V6& bytes);

  // Parses a dotted quad (four decimal numbers up to 255) or one of the forms of RFC 4291
  // section 2.2, without a zone. The whole text must have this form.
  static std::optional<IpAddress> parse(std::string_view text);

  // Parses an address literal of mail: `[192.0.2.1]`, `[IPv6:2001:db8::1]`, `[2001:db8::1]`.
  static std::optional<IpAddress> parse_literal(std::string_view text);

  [[nodiscard]] Family family() const { return family_; }

  // Returns four or sixteen bytes in network order.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const;

  // Returns whether this is 0.0.0.0 or ::.
  [[nodiscard]] bool unspecified() const;

  // Returns whether both addresses are of one family and have the same first `prefix` bits;
  // `prefix` is at most 32 or 128.
  [[nodiscard]] bool agrees(const IpAddress& other, std::size_t prefix) const;

  // Returns whether this is an address in 127.0.0.0/8 or 0.0.0.0/8, or ::1 or ::, with which
  // every host reaches itself.
  [[nodiscard]] bool leads_back() const;

  // Returns a dotted quad, or the form of RFC 5952: lower case, with the longest run of two or
  // more zero groups shortened.
  [[nodiscard]] std::string text() const;

  // Returns the name of the PTR record for this address: 1.2.0.192.in-addr.arpa or ….ip6.arpa.
  [[nodiscard]] std::string reverse_name() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  Family family_ = Family::v4;
  V6 bytes_ = {};
};

}  // namespace reqmail::base
