#include "scheduler/retry_schedule.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scheduler/schedule.h"

namespace reqmail::scheduler {
namespace {

const Time kBirth = base::from_epoch(1'000'000);

std::int64_t after(const RetrySchedule& schedule, std::int64_t age, Channel channel) {
  return (schedule.next(kBirth, kBirth + Seconds(age), channel) - kBirth).count();
}

TEST(RetrySchedule, TheFirstTimeAboveTheAgeThenTheLastStep) {
  RetrySchedule schedule;
  EXPECT_TRUE(schedule.set({"local:60 300 900 3600", "remote:\t100 \t400"}).empty());
  for (const auto& [age, next] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 60},
                                                          {10, 60},
                                                          {59, 60},
                                                          {60, 300},
                                                          {200, 300},
                                                          {1000, 3600},
                                                          {3600, 6300},
                                                          {3700, 6300},
                                                          {6299, 6300},
                                                          {6300, 9000},
                                                          {6400, 9000},
                                                          {600'000, 600'300}}) {
    EXPECT_EQ(after(schedule, age, Channel::local), next) << age;
  }
  EXPECT_EQ(after(schedule, 500, Channel::remote), 700);
  EXPECT_EQ(schedule.longest_step(Seconds(604800), Channel::local), Seconds(2700));
  EXPECT_EQ(schedule.longest_step(Seconds(604800), Channel::remote), Seconds(300));
  // A birth in the future counts as now.
  EXPECT_EQ(schedule.next(kBirth + Seconds(50), kBirth, Channel::local), kBirth + Seconds(60));
}

TEST(RetrySchedule, TheTryBefore) {
  RetrySchedule schedule;
  EXPECT_TRUE(schedule.set({"local:60 300 900"}).empty());
  for (const auto& [age, before] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 0},
                                                          {60, 0},
                                                          {61, 60},
                                                          {300, 60},
                                                          {900, 300},
                                                          {901, 900},
                                                          {1500, 900},
                                                          {2100, 1500}}) {
    EXPECT_EQ(schedule.previous(Seconds(age), Channel::local), Seconds(before)) << age;
  }
  EXPECT_EQ(schedule.previous(Seconds(1600), Channel::remote), Seconds(400));
  EXPECT_EQ(schedule.previous(Seconds(300), Channel::remote), Seconds(0));
}

TEST(RetrySchedule, OneTimeIsTheStep) {
  RetrySchedule schedule;
  EXPECT_TRUE(schedule.set({"remote:500"}).empty());
  EXPECT_EQ(after(schedule, 0, Channel::remote), 500);
  EXPECT_EQ(after(schedule, 501, Channel::remote), 1000);
  EXPECT_EQ(schedule.longest_step(Seconds(604800), Channel::remote), Seconds(500));
}

TEST(RetrySchedule, AChannelWithoutLineHasTheRule) {
  RetrySchedule schedule;
  EXPECT_TRUE(schedule.set({"local:60"}).empty());
  EXPECT_EQ(after(schedule, 306, Channel::remote), 1369);
  EXPECT_EQ(schedule.longest_step(Seconds(604800), Channel::remote),
            longest_step(Seconds(604800), Channel::remote));
  EXPECT_TRUE(schedule.set({}).empty());
  EXPECT_EQ(after(schedule, 3660, Channel::local), 4900);
}

TEST(RetrySchedule, MalformedLinesLeaveTheRule) {
  for (const auto* line :
       {"remote:400 100", "remote:100 100", "remote:", "remote:1 x", "remote:0 5", "remote:-5",
        "remote:99999999999999999999", "remote:1s"}) {
    RetrySchedule schedule;
    const auto bad = schedule.set({"local:60", line});
    ASSERT_EQ(bad.size(), 1U) << line;
    EXPECT_EQ(bad[0].text, line);
    EXPECT_FALSE(bad[0].why.empty());
    EXPECT_EQ(after(schedule, 306, Channel::remote), 1369) << line;
    EXPECT_EQ(after(schedule, 1, Channel::local), 60);
  }
  RetrySchedule schedule;
  EXPECT_EQ(schedule.set({"far:1 2", "60 300"}).size(), 2U);
  EXPECT_EQ(schedule.set({"local:60", "local:70"}).size(), 1U);
  EXPECT_EQ(after(schedule, 3660, Channel::local), 4900);
}

}  // namespace
}  // namespace reqmail::scheduler
