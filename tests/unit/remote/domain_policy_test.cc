#include "remote/domain_policy.h"

#include <gtest/gtest.h>

namespace reqmail::remote {
namespace {

std::string level_of(const PolicyTable& table, std::string_view domain) {
  const auto found = table.find(domain);
  if (!found) {
    return "none there";
  }
  return *found ? std::string(level_name((*found)->level)) : found->error().text;
}

TEST(PolicyTable, TheBestLineCounts) {
  const PolicyTable table{{"*:encrypt", ".example:verify", ".b.example:dane", "b.EXAMPLE:none",
                           "c.example:may", "c.example:dane-only", "bad.example:verfy",
                           "no colon", "empty.example:"}};
  EXPECT_EQ(level_of(table, "other.org"), "encrypt");
  EXPECT_EQ(level_of(table, "a.example"), "verify");
  EXPECT_EQ(level_of(table, "B.example"), "none");
  EXPECT_EQ(level_of(table, "x.y.b.example"), "dane");
  EXPECT_EQ(level_of(table, "c.example"), "dane-only");
  EXPECT_EQ(level_of(table, "example"), "encrypt");
  EXPECT_EQ(level_of({}, "b.example"), "none there");
  EXPECT_EQ(level_of({{"b.example:may"}}, "c.example"), "none there");
  // Nobody knows what these demand.
  EXPECT_EQ(level_of(table, "bad.example"), "unknown level");
  EXPECT_EQ(level_of(table, "empty.example"), "unknown level");
}

TEST(ParsePolicy, Attributes) {
  const auto policy = parse_policy(
      "secure match=.Mail.example:mx servername=hostname policy_type=sts "
      "policy_domain=b.example { policy_string = version: STSv1 } "
      "{ policy_string = mode: enforce } { mx_host_pattern = *.mail.example } unknown=1");
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->level, TlsLevel::verify);
  EXPECT_EQ(policy->match, (std::vector<std::string>{".mail.example", "mx"}));
  EXPECT_EQ(policy->server_name, "hostname");
  EXPECT_EQ(policy->type, "sts");
  EXPECT_EQ(policy->domain, "b.example");
  EXPECT_EQ(policy->strings, (std::vector<std::string>{"version: STSv1", "mode: enforce"}));
  EXPECT_EQ(policy->exchangers, (std::vector<std::string>{"*.mail.example"}));
}

TEST(ParsePolicy, WhatMakesNoSense) {
  EXPECT_TRUE(parse_policy("  Encrypt "));
  for (const char* text :
       {"", "fingerprint", "frobnicate", "verify match=", "verify match=a::b",
        "verify servername=a/b", "secure { policy_string = x"}) {
    EXPECT_FALSE(parse_policy(text)) << text;
  }
  const auto bad = faults_of_tlspolicy({"a:verify", ":may", "none", "a:x", "a:verify match="});
  ASSERT_EQ(bad.size(), 4U);
  EXPECT_EQ(bad[0].why, "no domain and colon");
  EXPECT_EQ(bad[2].why, "unknown level");
  EXPECT_EQ(bad[3].why, "malformed match");
}

TEST(PolicyUnknown, IsTemporary) {
  EXPECT_EQ(policy_unknown("b.example").text,
            "TLS policy of b.example unknown for now. (#4.7.5)");
  EXPECT_EQ(policy_unknown("b.example").permanence, Permanence::temporary);
}

}  // namespace
}  // namespace reqmail::remote
