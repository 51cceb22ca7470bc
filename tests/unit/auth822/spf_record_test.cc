#include "auth822/spf_record.h"

#include <gtest/gtest.h>

namespace reqmail::auth822 {
namespace {

TEST(SpfRecord, WhichTextsAreRecords) {
  EXPECT_TRUE(is_spf_record("v=spf1"));
  EXPECT_TRUE(is_spf_record("V=SPF1 -all"));
  EXPECT_FALSE(is_spf_record("v=spf10"));
  EXPECT_FALSE(is_spf_record("v=spf1-all"));
  EXPECT_FALSE(is_spf_record(" v=spf1"));
  EXPECT_FALSE(is_spf_record("v=spf2.0/pra a"));
}

TEST(SpfRecord, EveryTermTakenApart) {
  const auto record = parse_spf_record(
      "v=spf1 +ip4:192.0.2.0/24  -IP6:2001:db8::/32 ~a:x.example/28//64 ?mx "
      "include:%{d}.y.example "
      "exists:z.example ptr redirect=r.example exp=e.example unknown=any:thing/here");
  ASSERT_TRUE(record);
  ASSERT_EQ(record->directives.size(), 7U);
  const auto& terms = record->directives;
  EXPECT_EQ(terms[0].mechanism, SpfMechanism::ip4);
  EXPECT_EQ(terms[0].qualifier, SpfQualifier::pass);
  EXPECT_EQ(terms[0].network.text(), "192.0.2.0");
  EXPECT_EQ(terms[0].prefix4, 24U);
  EXPECT_EQ(terms[1].mechanism, SpfMechanism::ip6);
  EXPECT_EQ(terms[1].qualifier, SpfQualifier::fail);
  EXPECT_EQ(terms[1].prefix6, 32U);
  EXPECT_EQ(terms[2].mechanism, SpfMechanism::a);
  EXPECT_EQ(terms[2].qualifier, SpfQualifier::softfail);
  EXPECT_EQ(terms[2].domain_spec, "x.example");
  EXPECT_EQ(terms[2].prefix4, 28U);
  EXPECT_EQ(terms[2].prefix6, 64U);
  EXPECT_EQ(terms[3].mechanism, SpfMechanism::mx);
  EXPECT_EQ(terms[3].qualifier, SpfQualifier::neutral);
  EXPECT_EQ(terms[3].domain_spec, "");
  EXPECT_EQ(terms[3].prefix4, 32U);
  EXPECT_EQ(terms[3].prefix6, 128U);
  EXPECT_EQ(terms[4].domain_spec, "%{d}.y.example");
  EXPECT_EQ(terms[5].mechanism, SpfMechanism::exists);
  EXPECT_EQ(terms[6].mechanism, SpfMechanism::ptr);
  EXPECT_EQ(record->redirect, "r.example");
  EXPECT_EQ(record->explanation, "e.example");
}

TEST(SpfRecord, OneTermThatBreaksTheGrammarBreaksTheRecord) {
  for (const char* bad : {"all:x.example",
                          "all/24",
                          "include",
                          "include:",
                          "include:x.example/24",
                          "exists",
                          "ip4",
                          "ip4:",
                          "ip4:192.0.2",
                          "ip4:192.0.2.1/33",
                          "ip4:192.0.2.1/",
                          "ip4:192.0.2.1/08",
                          "ip4:2001:db8::1",
                          "ip6:192.0.2.1",
                          "ip6:2001:db8::1/129",
                          "ip6:2001:db8::1//32",
                          "a/33",
                          "a//129",
                          "a/24/64",
                          "a:",
                          "a:x",
                          "mx:x.example:25",
                          "ptr/24",
                          "-",
                          "moo",
                          "+-all",
                          "redirect=",
                          "redirect=a.example redirect=b.example",
                          "exp=x",
                          "exp=a.example exp=b.example",
                          "1x=y",
                          "=x",
                          "x=%",
                          "all\t-all",
                          "a:x.example\n",
                          "redirect:a.example"}) {
    EXPECT_FALSE(parse_spf_record(std::string("v=spf1 ") + bad)) << bad;
  }
}

TEST(SpfRecord, RulesHaveNoModifiers) {
  EXPECT_TRUE(parse_spf_rules("a mx include:x.example"));
  EXPECT_TRUE(parse_spf_rules(""));
  EXPECT_TRUE(parse_spf_rules("v=spf1 a"));
  EXPECT_FALSE(parse_spf_rules("v=spf2 a"));
  EXPECT_FALSE(parse_spf_rules("a redirect=x.example"));
}

}  // namespace
}  // namespace reqmail::auth822
