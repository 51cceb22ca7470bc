#include "scheduler/domain_rules.h"

#include <gtest/gtest.h>

#include "tests/unit/support/with_libidn2.h"

namespace reqmail::scheduler {
namespace {

TEST(DomainRules, TheDomainThenTheLongestSuffixThenAll) {
  DomainRules rules;
  EXPECT_TRUE(rules.empty());
  EXPECT_TRUE(rules
                  .set_concurrency(
                      {"A.example:3", ".example:5", ".b.example:4", "*:9", "free.example:0"})
                  .empty());
  EXPECT_FALSE(rules.empty());
  EXPECT_EQ(rules.limit_of("a.example").at_a_time, 3U);
  EXPECT_EQ(rules.limit_of("x.a.example").at_a_time, 5U);
  EXPECT_EQ(rules.limit_of("x.b.example").at_a_time, 4U);
  EXPECT_EQ(rules.limit_of("b.example").at_a_time, 5U);
  EXPECT_EQ(rules.limit_of("example").at_a_time, 9U);
  EXPECT_EQ(rules.limit_of("").at_a_time, 9U);
  EXPECT_EQ(rules.limit_of("free.example").at_a_time, std::nullopt);
  EXPECT_FALSE(rules.limit_of("a.example").rate);
}

TEST(DomainRules, ADomainWithULabelsHasTheLimitOfItsALabels) {
  DomainRules rules;
  EXPECT_TRUE(rules.set_concurrency({"xn--bcher-kva.example:3", "*:9"}).empty());
  EXPECT_EQ(rules
                .limit_of("b\xc3\xbc"
                          "cher.example")
                .at_a_time,
            3U);
  EXPECT_EQ(rules.limit_of("xn--bcher-kva.example").at_a_time, 3U);
  EXPECT_EQ(rules.limit_of("b\xff.example").at_a_time, 9U);
}

TEST(DomainRules, Rates) {
  DomainRules rules;
  EXPECT_TRUE(rules.set_rates({"a.example:2/3", "*:10/60", "b.example:0/1"}).empty());
  ASSERT_TRUE(rules.limit_of("a.example").rate);
  EXPECT_EQ(rules.limit_of("a.example").rate->starts, 2U);
  EXPECT_EQ(rules.limit_of("a.example").rate->within, base::Seconds(3));
  EXPECT_EQ(rules.limit_of("c").rate->starts, 10U);
  EXPECT_FALSE(rules.limit_of("b.example").rate);
  EXPECT_EQ(rules.limit_of("a.example").at_a_time, std::nullopt);
}

TEST(DomainRules, BlanksAroundTheColon) {
  DomainRules rules;
  EXPECT_TRUE(rules.set_rates({"a.example :\t2/3"}).empty());
  EXPECT_TRUE(rules.set_concurrency({"a.example: 4"}).empty());
  EXPECT_EQ(rules.limit_of("a.example").rate->starts, 2U);
  EXPECT_EQ(rules.limit_of("a.example").at_a_time, 4U);
  EXPECT_EQ(rules.set_concurrency({" :4", "a.example:4 5"}).size(), 2U);
}

TEST(DomainRules, Reserve) {
  DomainRules rules;
  EXPECT_EQ(rules.reserve_of(20), 0U);
  EXPECT_TRUE(rules.empty());
  rules.set_reserve(20);
  EXPECT_FALSE(rules.empty());
  EXPECT_EQ(rules.reserve_of(20), 4U);
  EXPECT_EQ(rules.reserve_of(9), 1U);
  EXPECT_EQ(rules.reserve_of(4), 0U);
  rules.set_reserve(~std::uint64_t{0});
  EXPECT_EQ(rules.reserve_of(20), 18U);
}

TEST(DomainRules, MalformedLinesDoNotCount) {
  DomainRules rules;
  const auto bad = rules.set_concurrency({"a.example", ":3", "b:", "c:x", "d:3x", "e:2"});
  ASSERT_EQ(bad.size(), 5U);
  EXPECT_EQ(bad[0].text, "a.example");
  EXPECT_EQ(rules.limit_of("e").at_a_time, 2U);
  EXPECT_EQ(rules.limit_of("d").at_a_time, std::nullopt);
  EXPECT_EQ(
      rules.set_rates({"a:1", "b:1/0", "c:x/1", "d:1/", "e:9999999/1", "f:1/2/3", "g:1/2"})
          .size(),
      6U);
  EXPECT_TRUE(rules.limit_of("g").rate);
  // A file is replaced as a whole.
  EXPECT_TRUE(rules.set_concurrency({}).empty());
  EXPECT_TRUE(rules.set_rates({}).empty());
  EXPECT_TRUE(rules.empty());
}

}  // namespace
}  // namespace reqmail::scheduler
