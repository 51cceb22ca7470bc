#include "scheduler/schedule.h"

#include <gtest/gtest.h>

namespace reqmail::scheduler {
namespace {

constexpr Seconds kLifetime{604800};

Time at(std::int64_t seconds) {
  return base::from_epoch(seconds);
}

TEST(NextTry, FollowsTheRule) {
  const Time birth = at(1000000);
  const auto after = [&](std::int64_t age, Channel channel) {
    return (next_try(birth, birth + Seconds(age), channel) - birth).count();
  };
  // These numbers were recorded from netqmail.
  EXPECT_EQ(after(2, Channel::local), 121);
  EXPECT_EQ(after(2, Channel::remote), 441);
  EXPECT_EQ(after(306, Channel::remote), 1369);
  EXPECT_EQ(after(3660, Channel::local), 4900);
  EXPECT_EQ(after(86142, Channel::remote), 97969);
  EXPECT_EQ(after(601000, Channel::remote), 632025);
}

TEST(NextTry, ABirthInTheFutureCountsAsNow) {
  EXPECT_EQ(next_try(at(5000), at(1000), Channel::local), at(1100));
  EXPECT_EQ(next_try(at(5000), at(1000), Channel::remote), at(1400));
}

TEST(NextTry, NoStepWithinTheLifetimeIsLongerThanTheLongest) {
  for (const Channel channel : kChannels) {
    const Seconds longest = longest_step(kLifetime, channel);
    for (std::int64_t age = 0; age <= kLifetime.count(); age += 61) {
      const Time now = at(age);
      ASSERT_LE(next_try(at(0), now, channel) - now, longest) << age;
    }
    EXPECT_LT(longest, Seconds(32000));
  }
}

TEST(WaitingLine, IsOrderedByTimeThenArrival) {
  WaitingLine line;
  line.add(MessageId(1), at(30));
  line.add(MessageId(2), at(10));
  line.add(MessageId(3), at(10));
  line.add(MessageId(4), at(20));
  EXPECT_EQ(line.first(), at(10));
  EXPECT_EQ(line.take_due(at(9)), std::nullopt);
  EXPECT_EQ(line.take_due(at(25)), MessageId(2));
  EXPECT_EQ(line.take_due(at(25)), MessageId(3));
  EXPECT_EQ(line.take_due(at(25)), MessageId(4));
  EXPECT_EQ(line.take_due(at(25)), std::nullopt);
  EXPECT_EQ(line.take_due(at(30)), MessageId(1));
  EXPECT_EQ(line.first(), std::nullopt);
}

TEST(WaitingLine, AlarmMakesAllDueInTheirOrder) {
  WaitingLine line;
  for (std::uint64_t id = 1; id <= 100; ++id) {
    line.add(MessageId(id), at(static_cast<std::int64_t>(1000 - id)));
  }
  line.all_due(at(5));
  for (std::uint64_t id = 100; id >= 1; --id) {
    ASSERT_EQ(line.take_due(at(5)), MessageId(id));
  }
}

TEST(WaitingLine, AClockSetBackKeepsTheWait) {
  WaitingLine line;
  line.add(MessageId(1), at(100000));
  line.shift_back(Seconds(90000));
  EXPECT_EQ(line.take_due(at(9999)), std::nullopt);
  EXPECT_EQ(line.take_due(at(10000)), MessageId(1));
}

TEST(WaitingLine, TimesThatNoClockHasAreTheFirstAndTheLast) {
  WaitingLine line;
  line.add(MessageId(1), base::from_epoch(std::int64_t{1} << 50));
  line.add(MessageId(2), base::from_epoch(-5));
  line.add(MessageId(3), base::from_epoch(0));
  EXPECT_EQ(line.take_due(base::from_epoch(0)), MessageId(2));
  EXPECT_EQ(line.take_due(base::from_epoch(0)), MessageId(3));
  EXPECT_EQ(line.take_due(base::from_epoch(std::int64_t{1} << 33)), std::nullopt);
  EXPECT_EQ(line.take_due(base::from_epoch(std::int64_t{1} << 34)), MessageId(1));
}

// If the clock is set back beyond 1970, all times become equal, but their order is kept.
TEST(WaitingLine, KeepsTheOrderOfThoseThatBecomeEqual) {
  WaitingLine line;
  for (std::uint64_t id = 1; id <= 50; ++id) {
    line.add(MessageId(id), base::from_epoch(static_cast<std::int64_t>(100 - id)));
  }
  line.shift_back(Seconds(1000));
  line.add(MessageId(51), base::from_epoch(0));
  for (std::uint64_t id = 50; id >= 1; --id) {
    ASSERT_EQ(line.take_due(base::from_epoch(0)), MessageId(id));
  }
  EXPECT_EQ(line.take_due(base::from_epoch(0)), MessageId(51));
}

}  // namespace
}  // namespace reqmail::scheduler
