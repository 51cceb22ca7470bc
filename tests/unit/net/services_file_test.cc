// Names of ports without NSS.
#include "net/services_file.h"

#include <gtest/gtest.h>

namespace reqmail::net {
namespace {

constexpr std::string_view kServices =
    "# smtp 1/tcp\n"
    "domain\t53/udp\n"
    "domain\t53/tcp\n"
    "smtp            25/tcp          mail other # third\n"
    "big 65536/tcp\n"
    "odd x/tcp\n"
    "short 7\n"
    "last 65535/tcp";

TEST(ServicesFile, NamesAndAliases) {
  EXPECT_EQ(tcp_port_in_services(kServices, "smtp"), 25);
  EXPECT_EQ(tcp_port_in_services(kServices, "mail"), 25);
  EXPECT_EQ(tcp_port_in_services(kServices, "other"), 25);
  EXPECT_EQ(tcp_port_in_services(kServices, "domain"), 53);
  EXPECT_EQ(tcp_port_in_services(kServices, "last"), 65535);
}

TEST(ServicesFile, WhatIsNoName) {
  for (const char* name : {"", "SMTP", "third", "25/tcp", "big", "odd", "short", "absent"}) {
    EXPECT_EQ(tcp_port_in_services(kServices, name), std::nullopt) << name;
  }
  EXPECT_EQ(tcp_port_in_services("domain 53/udp\n", "domain"), std::nullopt);
}

TEST(ServicesFile, ThatOfTheSystem) {
  EXPECT_EQ(tcp_port_of_service("no-such-service"), std::nullopt);
}

}  // namespace
}  // namespace reqmail::net
