// Limits of local deliveries with files that are absent, malformed or unreadable.
#include "spawn/local_limits.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "config.h"

namespace reqmail::spawn {
namespace {

class LimitFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(home_.data()), nullptr);
    ASSERT_EQ(::chdir(home_.c_str()), 0);
    ASSERT_EQ(::mkdir("control", 0755), 0);
  }

  void TearDown() override {
    ASSERT_EQ(::chdir("/"), 0);
    EXPECT_EQ(::system(("rm -rf " + home_).c_str()), 0);
  }

  static void control(const std::string& name, std::string_view text) {
    std::ofstream("control/" + name) << text;
  }

 private:
  std::string home_ = "/tmp/local-limits.XXXXXX";
};

TEST_F(LimitFiles, Defaults) {
  const LocalLimits limits = read_local_limits();
  EXPECT_EQ(limits.places, 10U);
  EXPECT_EQ(limits.per_user, 8U);
  EXPECT_FALSE(limits.per_user_chosen);
  EXPECT_EQ(limits.time.count(), 0);
}

TEST_F(LimitFiles, WhatTheFilesSay) {
  control("concurrencylocal", "100000\n");
  control("concurrencylocaluser", "3\n");
  control("timeoutlocal", "3600\n");
  const LocalLimits limits = read_local_limits();
  EXPECT_EQ(limits.places, static_cast<std::size_t>(config::kSpawnLimit));
  EXPECT_EQ(limits.per_user, 3U);
  EXPECT_TRUE(limits.per_user_chosen);
  EXPECT_EQ(limits.time.count(), 3600);
}

TEST_F(LimitFiles, AnUnreadableFileCountsAsAbsentAndTheOthersCount) {
  ASSERT_EQ(::mkdir("control/concurrencylocal", 0755), 0);
  control("concurrencylocaluser", "many\n");
  control("timeoutlocal", "99999999999999999999\n");
  const LocalLimits limits = read_local_limits();
  EXPECT_EQ(limits.places, 10U);
  EXPECT_EQ(limits.per_user, 8U);
  EXPECT_FALSE(limits.per_user_chosen);
  EXPECT_EQ(limits.time.count(), std::int64_t{1} << 32);
}

}  // namespace
}  // namespace reqmail::spawn
