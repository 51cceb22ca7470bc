// Connections by address and by network.
#include "listen/connection_counts.h"

#include <gtest/gtest.h>

namespace reqmail::listen {
namespace {

base::IpAddress ip(const char* text) {
  return *base::IpAddress::parse(text);
}

TEST(ConnectionCounts, CountsThoseOfAnAddressAndItsNetwork) {
  ConnectionCounts counts;
  counts.begin(1, ip("192.0.2.1"));
  counts.begin(2, ip("192.0.2.1"));
  counts.begin(3, ip("192.0.2.200"));
  counts.begin(4, ip("192.0.3.1"));
  EXPECT_EQ(counts.all(), 4U);
  EXPECT_EQ(counts.of_address(ip("192.0.2.1")), 2U);
  EXPECT_EQ(counts.of_network(ip("192.0.2.9")), 3U);
  EXPECT_EQ(counts.of_address(ip("192.0.2.9")), 0U);
}

TEST(ConnectionCounts, ANetworkOfIpv6Has64Bits) {
  ConnectionCounts counts;
  counts.begin(1, ip("2001:db8:1:2::1"));
  counts.begin(2, ip("2001:db8:1:2:ffff::1"));
  counts.begin(3, ip("2001:db8:1:3::1"));
  EXPECT_EQ(counts.of_address(ip("2001:db8:1:2::1")), 1U);
  EXPECT_EQ(counts.of_network(ip("2001:db8:1:2::9")), 2U);
  EXPECT_EQ(counts.of_network(ip("0.0.0.0")), 0U);
}

TEST(ConnectionCounts, AnEndedProcessDoesNotCount) {
  ConnectionCounts counts;
  counts.begin(7, ip("192.0.2.1"));
  EXPECT_FALSE(counts.end(8));
  EXPECT_TRUE(counts.end(7));
  EXPECT_FALSE(counts.end(7));
  EXPECT_EQ(counts.all(), 0U);
  EXPECT_EQ(counts.of_address(ip("192.0.2.1")), 0U);
}

}  // namespace
}  // namespace reqmail::listen
