// When domains of which nothing is known are tried.
#include "scheduler/newcomers.h"

#include <gtest/gtest.h>

namespace reqmail::scheduler {
namespace {

TEST(Newcomers, OneAtATime) {
  Newcomers newcomers;
  EXPECT_TRUE(newcomers.may_start(4, Steady(0), Steady(0)));
  newcomers.started(Steady(0));
  EXPECT_FALSE(newcomers.may_start(4, Steady(1999), Steady(1999)));
  EXPECT_TRUE(newcomers.may_start(4, Steady(2000), Steady(2000)));
  newcomers.ended(Steady(0), false, Steady(500));
  EXPECT_TRUE(newcomers.may_start(4, Steady(500), Steady(500)));
}

TEST(Newcomers, OneThatHasWaitedIsTriedOnlyAfterAnAnswer) {
  Newcomers newcomers;
  EXPECT_TRUE(newcomers.may_start(4, Steady(0), Steady(1000)));
  EXPECT_FALSE(newcomers.may_start(4, Steady(0), Steady(1001)));
  newcomers.started(Steady(1000));
  newcomers.ended(Steady(1000), true, Steady(2000));
  EXPECT_TRUE(newcomers.may_start(4, Steady(0), Steady(6999)));
  EXPECT_FALSE(newcomers.may_start(4, Steady(0), Steady(7000)));
}

TEST(Newcomers, SomeOfTheReserveIsNotForThem) {
  for (const auto& [reserve, share] :
       {std::pair<std::size_t, std::size_t>{0, 0}, {1, 0}, {2, 1}, {4, 3}, {8, 6}, {24, 18}}) {
    Newcomers newcomers;
    std::size_t started = 0;
    Steady now(0);
    while (newcomers.may_start(reserve, now, now)) {
      newcomers.started(now);
      ++started;
      now += Newcomers::kPatience;
    }
    EXPECT_EQ(started, share) << reserve;
  }
}

}  // namespace
}  // namespace reqmail::scheduler
