#include "scheduler/domain_limits.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reqmail::scheduler {
namespace {

using mail::MessageId;

const MessageId kOne(1);
const MessageId kTwo(2);
const MessageId kThree(3);

Steady at(std::int64_t milliseconds) {
  return Steady(milliseconds);
}

DomainRules rules(const std::vector<std::string>& concurrency,
                  const std::vector<std::string>& rates = {}) {
  DomainRules rules;
  EXPECT_TRUE(rules.set_concurrency(concurrency).empty());
  EXPECT_TRUE(rules.set_rates(rates).empty());
  return rules;
}

TEST(DomainLimits, WithoutRulesNobodyWaits) {
  DomainLimits limits;
  EXPECT_FALSE(limits.active());
  EXPECT_TRUE(limits.may_start("r@x", kOne, at(0)));
  EXPECT_FALSE(limits.active());
  EXPECT_EQ(limits.take_called(at(0)), std::nullopt);
}

TEST(DomainLimits, WhoWaitsIsCalledInTurnWhenADeliveryEnds) {
  DomainLimits limits;
  limits.set(rules({"x:1"}));
  EXPECT_TRUE(limits.may_start("r@X", kOne, at(0)));
  limits.started("r@X", kOne, at(0));
  EXPECT_FALSE(limits.may_start("s@x", kTwo, at(0)));
  EXPECT_TRUE(limits.may_start("s@y", kTwo, at(0)));
  limits.park({"x"}, kTwo);
  limits.park({"x"}, kThree);
  EXPECT_EQ(limits.take_called(at(0)), std::nullopt);
  limits.ended("r@X", true, at(0));
  EXPECT_EQ(limits.take_called(at(1)), kTwo);
  EXPECT_EQ(limits.take_called(at(1)), std::nullopt);
  // Neither the next one that waits nor one that has just come overtakes it.
  EXPECT_FALSE(limits.may_start("r@x", kThree, at(1)));
  EXPECT_FALSE(limits.may_start("r@x", kOne, at(1)));
  EXPECT_TRUE(limits.may_start("r@x", kTwo, at(1)));
  limits.started("r@x", kTwo, at(1));
  limits.gone_through(kTwo);
  EXPECT_EQ(limits.take_called(at(1)), std::nullopt);
  limits.ended("r@x", true, at(0));
  EXPECT_EQ(limits.take_called(at(2)), kThree);
}

TEST(DomainLimits, OneThatStartsNothingMakesRoomForTheNext) {
  DomainLimits limits;
  limits.set(rules({"x:1"}));
  limits.started("r@x", kOne, at(0));
  limits.park({"x"}, kTwo);
  limits.park({"x"}, kThree);
  limits.ended("r@x", true, at(0));
  EXPECT_EQ(limits.take_called(at(0)), kTwo);
  limits.gone_through(kTwo);
  EXPECT_EQ(limits.take_called(at(0)), kThree);
}

TEST(DomainLimits, RoomThatCameMeanwhileIsSeen) {
  DomainLimits limits;
  limits.set(rules({"x:1"}));
  limits.started("r@x", kOne, at(0));
  EXPECT_FALSE(limits.may_start("r@x", kTwo, at(0)));
  limits.ended("r@x", true, at(0));
  limits.park({"x"}, kTwo);
  EXPECT_EQ(limits.take_called(at(0)), kTwo);
}

TEST(DomainLimits, Rate) {
  DomainLimits limits;
  limits.set(rules({}, {"x:2/3"}));
  for (const std::int64_t time : {0, 1000}) {
    EXPECT_TRUE(limits.may_start("r@x", kOne, at(time)));
    limits.started("r@x", kOne, at(time));
    limits.ended("r@x", true, at(0));
  }
  EXPECT_FALSE(limits.may_start("r@x", kTwo, at(2999)));
  limits.park({"x"}, kTwo);
  EXPECT_EQ(limits.first(), at(3000));
  EXPECT_EQ(limits.take_called(at(2999)), std::nullopt);
  EXPECT_EQ(limits.take_called(at(3000)), kTwo);
  EXPECT_TRUE(limits.may_start("r@x", kTwo, at(3000)));
  limits.started("r@x", kTwo, at(3000));
  limits.ended("r@x", true, at(0));
  EXPECT_FALSE(limits.may_start("r@x", kTwo, at(3999)));
  EXPECT_TRUE(limits.may_start("r@x", kTwo, at(4000)));
  // When its time is over, the domain is forgotten.
  EXPECT_EQ(limits.take_called(at(6000)), std::nullopt);
  EXPECT_EQ(limits.first(), std::nullopt);
}

TEST(DomainLimits, SeveralDomains) {
  DomainLimits limits;
  limits.set(rules({"x:1", "y:1"}));
  limits.started("r@x", kOne, at(0));
  limits.started("r@y", kOne, at(0));
  limits.park({"x", "y"}, kTwo);
  limits.park({"y"}, kThree);
  limits.ended("r@x", true, at(0));
  EXPECT_EQ(limits.take_called(at(0)), kTwo);
  EXPECT_TRUE(limits.may_start("a@x", kTwo, at(0)));
  limits.started("a@x", kTwo, at(0));
  EXPECT_FALSE(limits.may_start("a@y", kTwo, at(0)));
  limits.gone_through(kTwo);
  // It keeps its place in the other domain, and has only one there.
  limits.park({"y"}, kTwo);
  limits.ended("r@y", true, at(0));
  EXPECT_EQ(limits.take_called(at(0)), kTwo);
  limits.gone_through(kTwo);
  EXPECT_EQ(limits.take_called(at(0)), kThree);
  limits.gone_through(kThree);
  EXPECT_EQ(limits.take_called(at(0)), std::nullopt);
}

TEST(DomainLimits, TwoDomainsCallAMessageOnce) {
  DomainLimits limits;
  limits.set(rules({"x:1", "y:1"}));
  limits.started("r@x", kOne, at(0));
  limits.started("r@y", kOne, at(0));
  limits.park({"x", "y"}, kTwo);
  limits.ended("r@x", true, at(0));
  limits.ended("r@y", true, at(0));
  EXPECT_EQ(limits.take_called(at(0)), kTwo);
  EXPECT_EQ(limits.take_called(at(0)), std::nullopt);
  EXPECT_TRUE(limits.may_start("a@x", kTwo, at(0)));
  EXPECT_TRUE(limits.may_start("a@y", kTwo, at(0)));
}

// Ten places, two of them the reserve; `taken` deliveries to x run.
DomainLimits with_reserve(std::size_t taken) {
  DomainRules rules;
  rules.set_reserve(20);
  DomainLimits limits;
  limits.set(std::move(rules));
  for (std::size_t i = 0; i < taken; ++i) {
    limits.started("r@x", kOne, at(0));
  }
  limits.set_places(10, taken);
  return limits;
}

TEST(DomainLimits, ADomainThatMayHangLeavesTheReserveToOthers) {
  DomainLimits limits = with_reserve(7);
  EXPECT_TRUE(limits.may_start("r@x", kOne, at(0)));
  limits.started("r@x", kOne, at(0));
  limits.set_places(10, 8);
  EXPECT_FALSE(limits.may_start("r@x", kOne, at(0)));
  EXPECT_TRUE(limits.may_start("r@y", kOne, at(0)));
  limits.started("r@y", kOne, at(0));
  limits.set_places(10, 9);
  // It has one place in the reserve already.
  EXPECT_FALSE(limits.may_start("s@y", kOne, at(0)));
  EXPECT_TRUE(limits.may_start("r@z", kOne, at(0)));
}

TEST(DomainLimits, AnAnswerOpensTheReserveForAWhile) {
  DomainLimits limits = with_reserve(9);
  limits.ended("r@x", true, at(100));
  limits.set_places(10, 8);
  EXPECT_TRUE(limits.may_start("r@x", kOne, at(100)));
  EXPECT_TRUE(limits.may_start("r@x", kOne, at(5099)));
  EXPECT_FALSE(limits.may_start("r@x", kOne, at(5100)));
}

TEST(DomainLimits, ADeferralIsNoAnswer) {
  DomainLimits limits = with_reserve(10);
  limits.ended("r@x", true, at(100));
  limits.ended("r@x", false, at(101));
  limits.set_places(10, 8);
  EXPECT_FALSE(limits.may_start("r@x", kOne, at(101)));
}

TEST(DomainLimits, WhoWaitsIsCalledWhenOthersLeaveRoomOutsideTheReserve) {
  DomainLimits limits = with_reserve(7);
  limits.started("r@y", kOne, at(0));
  limits.set_places(10, 8);
  EXPECT_FALSE(limits.may_start("s@x", kTwo, at(0)));
  limits.park({"x"}, kTwo);
  EXPECT_EQ(limits.take_called(at(0)), std::nullopt);
  limits.ended("r@y", true, at(1));
  limits.set_places(10, 7);
  EXPECT_EQ(limits.take_called(at(1)), kTwo);
  EXPECT_TRUE(limits.may_start("s@x", kTwo, at(1)));
}

TEST(DomainLimits, WhoWaitsIsCalledWhenTheDomainAnswers) {
  DomainLimits limits = with_reserve(8);
  limits.started("r@y", kOne, at(0));
  limits.set_places(10, 9);
  EXPECT_FALSE(limits.may_start("s@x", kTwo, at(0)));
  limits.park({"x"}, kTwo);
  EXPECT_EQ(limits.take_called(at(0)), std::nullopt);
  limits.ended("r@x", true, at(1));
  limits.set_places(10, 8);
  EXPECT_EQ(limits.take_called(at(1)), kTwo);
}

TEST(DomainLimits, ThereIsNoReserveAnyMore) {
  DomainLimits limits = with_reserve(8);
  EXPECT_FALSE(limits.may_start("s@x", kTwo, at(0)));
  limits.park({"x"}, kTwo);
  limits.set(DomainRules());
  EXPECT_EQ(limits.take_called(at(0)), kTwo);
}

TEST(DomainLimits, OtherRules) {
  DomainLimits limits;
  limits.set(rules({"x:1"}, {"x:1/100"}));
  limits.started("r@x", kOne, at(0));
  limits.park({"x"}, kTwo);
  limits.park({"x"}, kThree);
  limits.set(rules({"x:2"}));
  EXPECT_EQ(limits.take_called(at(1)), kTwo);
  limits.started("r@x", kTwo, at(1));
  EXPECT_EQ(limits.take_called(at(1)), std::nullopt);
  limits.set(DomainRules());
  EXPECT_TRUE(limits.active());
  EXPECT_EQ(limits.take_called(at(2)), kThree);
  limits.gone_through(kThree);
  limits.ended("r@x", true, at(0));
  limits.ended("r@x", true, at(0));
  // One that started before there were limits does not count.
  limits.ended("r@x", true, at(0));
  EXPECT_EQ(limits.take_called(at(1000)), std::nullopt);
  (void)limits.take_called(at(200'000));
  EXPECT_FALSE(limits.active());
}

}  // namespace
}  // namespace reqmail::scheduler
