// Lines of control/dmarcexempt.
#include "proto/dmarc_exemptions.h"

#include <gtest/gtest.h>

namespace reqmail::proto {
namespace {

bool spares(const DmarcExemptions& exemptions, std::string_view client) {
  return exemptions.has_client(*base::IpAddress::parse(client));
}

TEST(DmarcExemptions, AddressesAndNetworks) {
  DmarcExemptions exemptions;
  ASSERT_TRUE(exemptions.add("192.0.2.7"));
  ASSERT_TRUE(exemptions.add("198.51.100.96/29"));
  ASSERT_TRUE(exemptions.add("2001:db8::/32"));
  EXPECT_TRUE(spares(exemptions, "192.0.2.7"));
  EXPECT_FALSE(spares(exemptions, "192.0.2.8"));
  EXPECT_TRUE(spares(exemptions, "198.51.100.103"));
  EXPECT_FALSE(spares(exemptions, "198.51.100.104"));
  EXPECT_TRUE(spares(exemptions, "2001:db8::1"));
  EXPECT_FALSE(spares(exemptions, "2001:db9::1"));
  DmarcExemptions all;
  ASSERT_TRUE(all.add("0.0.0.0/0"));
  EXPECT_TRUE(spares(all, "203.0.113.9"));
  EXPECT_FALSE(spares(all, "2001:db8::1"));
}

TEST(DmarcExemptions, DomainsOfAuthors) {
  DmarcExemptions exemptions;
  ASSERT_TRUE(exemptions.add("@List.Example"));
  EXPECT_EQ(exemptions.author_domains, std::vector<std::string>{"list.example"});
}

TEST(DmarcExemptions, LinesWithoutSense) {
  DmarcExemptions exemptions;
  for (const char* line : {"", "@", "a@b.example", "@a b", "@a@b", "192.0.2", "192.0.2.1/33",
                           "192.0.2.1/", "192.0.2.1/x", "example.org"}) {
    EXPECT_FALSE(exemptions.add(line)) << line;
  }
  EXPECT_TRUE(exemptions.clients.empty());
}

}  // namespace
}  // namespace reqmail::proto
