#include "net/dns_follow.h"

#include <gtest/gtest.h>

#include "tests/unit/support/fake_dns.h"

namespace reqmail::net {
namespace {

using test::a_record;
using test::cname_record;
using test::response;

DnsName name(std::string_view text) {
  return *DnsName::from_text(text);
}

std::optional<DnsAnswer> answer(const std::vector<std::string>& records, unsigned code = 0,
                                unsigned flags = 0) {
  return parse_dns_answer(response("x.example", 1, records, code, flags));
}

constexpr unsigned kVerified = 0x20;

TEST(DnsFollow, AnAliasWhoseTargetIsNotInTheAnswerIsAskedFor) {
  DnsFollow follow(name("x.example"), DnsType::a);
  EXPECT_FALSE(follow.take(answer({cname_record("x.example", "y.example")}, 0, kVerified)));
  EXPECT_EQ(follow.name(), name("y.example"));
  EXPECT_TRUE(follow.take(answer({a_record("y.example", "192.0.2.1")}, 0, kVerified)));
  EXPECT_EQ(follow.status(), LookupStatus::found);
  EXPECT_EQ(follow.records().size(), 1U);
  EXPECT_TRUE(follow.authenticated());
}

TEST(DnsFollow, OneAnswerThatIsNotVerifiedMakesTheLookUpSo) {
  DnsFollow follow(name("x.example"), DnsType::a);
  EXPECT_FALSE(follow.take(answer({cname_record("x.example", "y.example")}, 0, kVerified)));
  EXPECT_TRUE(follow.take(answer({a_record("y.example", "192.0.2.1")})));
  EXPECT_FALSE(follow.authenticated());
}

TEST(DnsFollow, NothingAtTheEndOfAnAliasIsNotTheSameAsNothing) {
  DnsFollow nothing(name("x.example"), DnsType::a);
  EXPECT_TRUE(nothing.take(answer({}, test::kNoSuchName)));
  EXPECT_EQ(nothing.status(), LookupStatus::nothing);
  DnsFollow nowhere(name("x.example"), DnsType::a);
  EXPECT_FALSE(nowhere.take(answer({cname_record("x.example", "y.example")})));
  EXPECT_TRUE(nowhere.take(answer({}, test::kNoSuchName)));
  EXPECT_EQ(nowhere.status(), LookupStatus::leads_nowhere);
}

TEST(DnsFollow, NoAnswerIsTemporary) {
  DnsFollow follow(name("x.example"), DnsType::a);
  EXPECT_TRUE(follow.take(std::nullopt));
  EXPECT_EQ(follow.status(), LookupStatus::temporary);
  DnsFollow refused(name("x.example"), DnsType::a);
  EXPECT_TRUE(refused.take(answer({}, test::kRefused)));
  EXPECT_EQ(refused.status(), LookupStatus::temporary);
}

TEST(DnsFollow, AliasesThatLeadInACircleEnd) {
  DnsFollow follow(name("x.example"), DnsType::a);
  EXPECT_TRUE(follow.take(answer(
      {cname_record("x.example", "y.example"), cname_record("y.example", "x.example")})));
  EXPECT_EQ(follow.status(), LookupStatus::temporary);
}

}  // namespace
}  // namespace reqmail::net
