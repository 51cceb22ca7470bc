// Names of this host without the DNS.
#include "net/hosts_file.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::net {
namespace {

std::string found(std::string_view text, std::string_view name) {
  std::string all;
  for (const base::IpAddress& address : addresses_in_hosts(text, name)) {
    all += address.text() + " ";
  }
  return all;
}

TEST(HostsFile, NamesAndTheirAddresses) {
  constexpr std::string_view kHosts =
      "127.0.0.1\tlocalhost filter\n"
      "# 192.0.2.9 filter\n"
      "::1 Filter other # more\n"
      "nonsense filter\n"
      "192.0.2.1 last";
  EXPECT_EQ(found(kHosts, "filter"), "127.0.0.1 ::1 ");
  EXPECT_EQ(found(kHosts, "LOCALHOST"), "127.0.0.1 ");
  EXPECT_EQ(found(kHosts, "last"), "192.0.2.1 ");
  EXPECT_EQ(found(kHosts, "more"), "");
  EXPECT_EQ(found(kHosts, ""), "");
}

TEST(HostsFile, LocalhostIsAlwaysKnown) {
  EXPECT_EQ(found("", "localhost"), "127.0.0.1 ::1 ");
}

TEST(HostsFile, AnAddressIsItself) {
  const auto addresses = local_addresses_of("192.0.2.7");
  ASSERT_EQ(addresses.size(), 1U);
  EXPECT_EQ(addresses.front().text(), "192.0.2.7");
}

}  // namespace
}  // namespace reqmail::net
