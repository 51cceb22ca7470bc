#include "base/ip_address.h"

#include <gtest/gtest.h>

namespace reqmail::base {
namespace {

std::string round_trip(std::string_view text) {
  const auto address = IpAddress::parse(text);
  return address ? address->text() : "none";
}

TEST(IpAddress, QuadsAreFourNumbersUpTo255) {
  EXPECT_EQ(round_trip("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(round_trip("0.0.0.0"), "0.0.0.0");
  EXPECT_EQ(round_trip("255.255.255.255"), "255.255.255.255");
  for (const char* bad : {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.", ".1.2.3", "1.2.3.4 ",
                          "1.2.3.x", "1.2.3.-4", "1..2.3", "99999999999999999999.1.1.1"}) {
    EXPECT_EQ(round_trip(bad), "none") << bad;
  }
}

// The form of RFC 5952 section 4.
TEST(IpAddress, V6IsPrintedInItsCanonicalForm) {
  EXPECT_EQ(round_trip("2001:0DB8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  EXPECT_EQ(round_trip("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(round_trip("0:0:0:0:0:0:0:0"), "::");
  EXPECT_EQ(round_trip("::1"), "::1");
  EXPECT_EQ(round_trip("1::"), "1::");
  EXPECT_EQ(round_trip("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");
  EXPECT_EQ(round_trip("::2:3:4:5:6:7:8"), "0:2:3:4:5:6:7:8");
  EXPECT_EQ(round_trip("fe80::aaaa:BBBB"), "fe80::aaaa:bbbb");
  EXPECT_EQ(round_trip("64:ff9b::192.0.2.33"), "64:ff9b::c000:221");
}

TEST(IpAddress, MappedAddressesAreIpv4) {
  const auto address = IpAddress::parse("::ffff:192.0.2.7");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->family(), Family::v4);
  EXPECT_EQ(address->text(), "192.0.2.7");
  EXPECT_EQ(*address, *IpAddress::parse("192.0.2.7"));
}

TEST(IpAddress, BadV6IsNone) {
  for (const char* bad :
       {":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
        "12345::", "g::", "1:2:3:4:5:6:7:8::", "::1%eth0", "1:2:3:4:5:6:7:1.2.3.4",
        "1.2.3.4::", ":1:2:3:4:5:6:7:8", "1:", "::1.2.3"}) {
    EXPECT_EQ(round_trip(bad), "none") << bad;
  }
}

TEST(IpAddress, Literals) {
  EXPECT_EQ(IpAddress::parse_literal("[192.0.2.1]")->text(), "192.0.2.1");
  EXPECT_EQ(IpAddress::parse_literal("[ipv6:2001:DB8::1]")->text(), "2001:db8::1");
  EXPECT_EQ(IpAddress::parse_literal("[2001:db8::1]")->text(), "2001:db8::1");
  for (const char* bad : {"192.0.2.1", "[192.0.2.1", "192.0.2.1]", "[]", "[", "",
                          "[IPv6:192.0.2.1]", "[x.example]", "[192.0.2.1] "}) {
    EXPECT_FALSE(IpAddress::parse_literal(bad)) << bad;
  }
}

TEST(IpAddress, ReverseNames) {
  EXPECT_EQ(IpAddress::parse("192.0.2.99")->reverse_name(), "99.2.0.192.in-addr.arpa");
  EXPECT_EQ(IpAddress::parse("2001:db8::1")->reverse_name(),
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

TEST(IpAddress, UnspecifiedIsZeroOfEitherFamily) {
  EXPECT_TRUE(IpAddress().unspecified());
  EXPECT_TRUE(IpAddress::parse("::")->unspecified());
  EXPECT_FALSE(IpAddress::parse("::1")->unspecified());
  for (const char* text : {"127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "::1",
                           "::", "::ffff:127.8.8.8", "::ffff:0.0.0.1"}) {
    EXPECT_TRUE(IpAddress::parse(text)->leads_back()) << text;
  }
  for (const char* text : {"126.255.255.255", "128.0.0.1", "1.0.0.0", "::2", "1::1", "7f00::1",
                           "::ffff:192.0.2.1"}) {
    EXPECT_FALSE(IpAddress::parse(text)->leads_back()) << text;
  }
  EXPECT_NE(IpAddress(), *IpAddress::parse("::"));
}

}  // namespace
}  // namespace reqmail::base
