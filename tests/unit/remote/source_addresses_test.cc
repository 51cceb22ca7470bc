#include "remote/source_addresses.h"

#include <gtest/gtest.h>

#include "remote/dialer.h"

namespace reqmail::remote {
namespace {

// Returns "V4 V6", with "-" for the system's choice, or the text of the Failure.
std::string found(const SourceRules& rules, std::string_view sender) {
  const auto addresses = rules.find(sender);
  if (!addresses) {
    return addresses.error().text;
  }
  return (addresses->v4 ? addresses->v4->text() : "-") + " " +
         (addresses->v6 ? addresses->v6->text() : "-");
}

TEST(SourceRules, TheMoreExactLineCounts) {
  const SourceRules rules{
      {"B.example:192.0.2.2", "a@b.example:192.0.2.3", "b.example:2001:db8::2",
       "c.example:192.0.2.4", "c.example:192.0.2.5", "d.example:0.0.0.0", "no colon"},
      {"192.0.2.1", "2001:db8::1"}};
  EXPECT_EQ(found(rules, "x@other.example"), "192.0.2.1 2001:db8::1");
  EXPECT_EQ(found(rules, ""), "192.0.2.1 2001:db8::1");
  EXPECT_EQ(found(rules, "x@b.EXAMPLE"), "192.0.2.2 2001:db8::2");
  EXPECT_EQ(found(rules, "A@B.example"), "192.0.2.3 2001:db8::2");
  EXPECT_EQ(found(rules, "x@c.example"), "192.0.2.5 2001:db8::1");
  EXPECT_EQ(found(rules, "x@d.example"), "- 2001:db8::1");
  EXPECT_EQ(found(rules, "x@sub.b.example"), "192.0.2.1 2001:db8::1");
  EXPECT_EQ(found({{}, {"0.0.0.0", "::"}}, "x@b"), "- -");
  EXPECT_EQ(found({}, "x@b"), "- -");
}

TEST(SourceRules, AMalformedAddressDefersTheMailItConcerns) {
  const SourceRules rules{{"b.example:300.1.2.3"}, {}};
  EXPECT_EQ(found(rules, "x@b.example"), "invalid ipaddr in control/domainbindings (#4.3.0)");
  EXPECT_EQ(found(rules, "x@c.example"), "- -");
  EXPECT_EQ(found({{}, {"192.0.2.1", "x"}}, "x@b"),
            "invalid ipaddr in control/outgoingip (#4.3.0)");
  EXPECT_EQ(rules.find("x@b.example").error().permanence, Permanence::temporary);
}

TEST(HelloNames, ByTheAddress) {
  const HelloNames names{{"192.0.2.1:one.example", "2001:db8::1:six.example",
                          "192.0.2.2:", "192.0.2.3:a", "192.0.2.3:b", "nonsense"}};
  EXPECT_EQ(names.find(*base::IpAddress::parse("192.0.2.1")), "one.example");
  EXPECT_EQ(names.find(*base::IpAddress::parse("2001:db8::1")), "six.example");
  EXPECT_EQ(names.find(*base::IpAddress::parse("192.0.2.2")), std::nullopt);
  EXPECT_EQ(names.find(*base::IpAddress::parse("192.0.2.3")), "b");
}

// 192.0.2.1 is an address of no host.
TEST(Dialer, WithoutItsSourceAVersionIsLeftAlone) {
  Dialer dialer({base::IpAddress::parse("192.0.2.1"), std::nullopt}, base::Seconds(2),
                "/nonexistent/tcpto", 1);
  const auto v4 = *base::IpAddress::parse("127.0.0.1");
  EXPECT_FALSE(dialer.left_alone(v4));
  EXPECT_FALSE(dialer.connect(v4, 1, base::Seconds(2)));
  EXPECT_TRUE(dialer.left_alone(v4));
  EXPECT_FALSE(dialer.left_alone(*base::IpAddress::parse("::1")));
}

}  // namespace
}  // namespace reqmail::remote
