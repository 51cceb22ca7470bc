#include "scheduler/idle_guard.h"

#include <gtest/gtest.h>

namespace reqmail::scheduler {
namespace {

using Advice = IdleGuard::Advice;
using Clock = IdleGuard::Clock;

// Wakes the guard this often without work, within a short time, and returns its last advice.
Advice flood(IdleGuard& guard, Clock now, std::size_t times = IdleGuard::kMost) {
  for (; times > 1; --times) {
    EXPECT_EQ(guard.woken(false, now), Advice::go_on);
  }
  return guard.woken(false, now);
}

TEST(IdleGuard, AFloodIsOneWarningHoweverLong) {
  IdleGuard guard;
  Clock now(5000);
  EXPECT_EQ(flood(guard, now), Advice::warn_and_pause);
  for (int round = 0; round < 5; ++round) {
    now += IdleGuard::kPause + Clock(10);
    EXPECT_EQ(flood(guard, now), Advice::pause);
  }
  // After a second without events it counts as another flood.
  now += IdleGuard::kPause + Clock(10);
  EXPECT_EQ(guard.woken(false, now), Advice::go_on);
  now += IdleGuard::kSpan + Clock(10);
  EXPECT_EQ(flood(guard, now), Advice::warn_and_pause);
}

TEST(IdleGuard, WorkIsNoFlood) {
  IdleGuard guard;
  for (int round = 0; round < 5000; ++round) {
    EXPECT_EQ(guard.woken(round % 900 == 0, Clock(1)), Advice::go_on);
  }
}

TEST(IdleGuard, SlowWakeUpsAreNoFlood) {
  IdleGuard guard;
  for (int round = 0; round < 5000; ++round) {
    EXPECT_EQ(guard.woken(false, Clock(round * 2)), Advice::go_on);
  }
}

}  // namespace
}  // namespace reqmail::scheduler
