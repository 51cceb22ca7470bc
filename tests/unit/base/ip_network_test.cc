#include "base/ip_network.h"

#include <gtest/gtest.h>

namespace reqmail::base {
namespace {

IpAddress address(std::string_view text) {
  return *IpAddress::parse(text);
}

TEST(IpNetwork, AddressesAndPrefixes) {
  const auto one = IpNetwork::parse("192.0.2.1");
  ASSERT_TRUE(one);
  EXPECT_TRUE(one->contains(address("192.0.2.1")));
  EXPECT_FALSE(one->contains(address("192.0.2.2")));
  const auto some = IpNetwork::parse("192.0.2.16/28");
  ASSERT_TRUE(some);
  EXPECT_TRUE(some->contains(address("192.0.2.31")));
  EXPECT_FALSE(some->contains(address("192.0.2.32")));
  EXPECT_FALSE(some->contains(address("2001:db8::1")));
  const auto six = IpNetwork::parse("2001:db8::/32");
  ASSERT_TRUE(six);
  EXPECT_TRUE(six->contains(address("2001:db8:ffff::1")));
  EXPECT_FALSE(six->contains(address("2001:db9::1")));
  EXPECT_TRUE(IpNetwork::parse("0.0.0.0/0")->contains(address("198.51.100.7")));
}

TEST(IpNetwork, MalformedLinesAreNamed) {
  std::vector<BadLine> bad;
  const IpNetworks networks =
      parse_networks({"192.0.2.1", "300.1.2.3", "192.0.2.0/33", "192.0.2.0/", "x"}, &bad);
  EXPECT_EQ(networks.size(), 1U);
  ASSERT_EQ(bad.size(), 4U);
  EXPECT_EQ(bad[0].text, "300.1.2.3");
  EXPECT_EQ(bad[0].why, "neither an address nor a network");
  EXPECT_EQ(bad[1].why, "no prefix of a network");
  EXPECT_TRUE(any_contains(networks, address("192.0.2.1")));
  EXPECT_FALSE(any_contains(networks, address("192.0.2.3")));
}

}  // namespace
}  // namespace reqmail::base
