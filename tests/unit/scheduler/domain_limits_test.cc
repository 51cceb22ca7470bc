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
}

// Twenty places, four of them the reserve; sixteen domains of which nothing was known hang.
DomainLimits with_hanging_domains() {
  DomainRules rules;
  rules.set_reserve(20);
  DomainLimits limits;
  limits.set(std::move(rules));
  limits.set_places(20, 0);
  for (std::size_t i = 0; i < 16; ++i) {
    const std::string recipient = "r@h" + std::to_string(i);
    EXPECT_TRUE(limits.may_start(recipient, kOne, at(0)));
    limits.started(recipient, kOne, at(0));
    limits.set_places(20, i + 1);
  }
  return limits;
}

// Lets a delivery start that may, and returns whether it may.
bool start(DomainLimits& limits, const std::string& domain, std::size_t taken, Steady now) {
  if (!limits.may_start("r@" + domain, kOne, now)) {
    return false;
  }
  limits.started("r@" + domain, kOne, now);
  limits.set_places(20, taken + 1);
  return true;
}

TEST(DomainLimits, ManyNewDomainsAtATimeGetOnePlaceOfTheReserve) {
  DomainLimits limits = with_hanging_domains();
  EXPECT_TRUE(start(limits, "n1", 16, at(0)));
  EXPECT_FALSE(start(limits, "n2", 17, at(10)));
  limits.park({"n2"}, kTwo);
  EXPECT_EQ(limits.take_called(at(10)), std::nullopt);
  // One that comes later is tried; the ones that have waited so long are like those that hang.
  EXPECT_EQ(limits.take_called(at(2500)), std::nullopt);
  EXPECT_TRUE(start(limits, "n3", 17, at(2500)));
  EXPECT_FALSE(start(limits, "n4", 18, at(2600)));
  EXPECT_TRUE(start(limits, "n5", 18, at(4500)));
  // A quarter is for those that have answered.
  EXPECT_FALSE(start(limits, "n6", 19, at(9000)));
}

TEST(DomainLimits, NewDomainsThatAnswerFollowEachOther) {
  DomainLimits limits = with_hanging_domains();
  EXPECT_TRUE(start(limits, "n1", 16, at(0)));
  EXPECT_FALSE(start(limits, "n2", 17, at(10)));
  limits.park({"n2"}, kTwo);
  EXPECT_FALSE(start(limits, "n3", 17, at(10)));
  limits.park({"n3"}, kThree);
  EXPECT_EQ(limits.take_called(at(10)), std::nullopt);
  limits.ended("r@n1", true, at(1500));
  limits.set_places(20, 16);
  EXPECT_EQ(limits.take_called(at(1500)), kTwo);
  EXPECT_TRUE(limits.may_start("r@n2", kTwo, at(1500)));
  limits.started("r@n2", kTwo, at(1500));
  limits.set_places(20, 17);
  EXPECT_EQ(limits.take_called(at(1500)), std::nullopt);
  limits.ended("r@n2", true, at(1600));
  limits.set_places(20, 16);
  EXPECT_EQ(limits.take_called(at(1600)), kThree);
}

TEST(DomainLimits, ADomainThatHasAnsweredMayUseTheReserve) {
  DomainLimits limits = with_hanging_domains();
  EXPECT_TRUE(start(limits, "good", 16, at(0)));
  limits.ended("r@good", true, at(100));
  limits.set_places(20, 16);
  // All that new domains may have of the reserve is taken.
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(start(limits, "n" + std::to_string(i), 16 + i, at(10'000 + 5000 * i)));
  }
  EXPECT_TRUE(start(limits, "good", 19, at(30'000)));
  EXPECT_FALSE(limits.may_start("s@good", kOne, at(30'001)));
}

TEST(DomainLimits, ADomainThatHasHungStaysOutsideOfTheReserve) {
  DomainLimits limits = with_hanging_domains();
  limits.ended("r@h0", false, at(60'000));
  limits.set_places(20, 15);
  EXPECT_TRUE(start(limits, "other", 15, at(60'000)));
  EXPECT_FALSE(limits.may_start("r@h0", kTwo, at(60'001)));
  limits.park({"h0"}, kTwo);
  EXPECT_EQ(limits.take_called(at(60'001)), std::nullopt);
  limits.ended("r@h1", false, at(61'000));
  limits.set_places(20, 15);
  EXPECT_EQ(limits.take_called(at(61'000)), kTwo);
}

TEST(DomainLimits, ADeferralThatComesAtOnceIsNoHanging) {
  DomainLimits limits = with_hanging_domains();
  EXPECT_TRUE(start(limits, "busy", 16, at(0)));
  limits.ended("r@busy", false, at(200));
  limits.set_places(20, 16);
  EXPECT_TRUE(start(limits, "busy", 16, at(300)));
}

TEST(DomainLimits, AnAnswerOpensTheReserveForAWhile) {
  DomainLimits limits = with_reserve(9);
  limits.ended("r@x", true, at(100));
  limits.set_places(10, 8);
  EXPECT_TRUE(limits.may_start("r@x", kOne, at(100)));
  EXPECT_TRUE(limits.may_start("r@x", kOne, at(5099)));
  EXPECT_FALSE(limits.may_start("r@x", kOne, at(5100)));
}

// With other deliveries under way to it or not.
TEST(DomainLimits, AnAnswerCountsWhenNothingIsUnderWay) {
  DomainLimits limits = with_hanging_domains();
  EXPECT_TRUE(start(limits, "good", 16, at(0)));
  limits.ended("r@good", true, at(100));
  limits.set_places(20, 16);
  EXPECT_TRUE(start(limits, "good", 16, at(200)));
  EXPECT_TRUE(start(limits, "good", 17, at(5099)));
  EXPECT_FALSE(start(limits, "good", 18, at(5100)));
}

// Nor does the answer before it count when the domain was forgotten meanwhile.
TEST(DomainLimits, ADeferralEndsTheTimeOfTheAnswerBeforeIt) {
  DomainLimits limits = with_hanging_domains();
  EXPECT_TRUE(start(limits, "busy", 16, at(0)));
  limits.ended("r@busy", true, at(100));
  limits.set_places(20, 16);
  EXPECT_TRUE(start(limits, "busy", 16, at(200)));
  limits.ended("r@busy", false, at(300));
  limits.set_places(20, 16);
  EXPECT_TRUE(start(limits, "busy", 16, at(400)));
  EXPECT_FALSE(start(limits, "busy", 17, at(401)));
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
