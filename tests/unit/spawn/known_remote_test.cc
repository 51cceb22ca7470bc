// What qmail-start tells qmail-rspawn of qmail-remote.
#include "spawn/known_remote.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <string>

#include "config.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::spawn {
namespace {

constexpr const char* kVariable = "QMAILREMOTEFILE";
constexpr sys::FileVersion kVersion{1, 2, 3, 4, 5};

class KnownRemoteTest : public ::testing::Test {
 protected:
  void TearDown() override { ::unsetenv(kVariable); }
};

TEST_F(KnownRemoteTest, OfAQmailStartOfThisRelease) {
  sys::Environment environment;
  tell_of_remote(kVersion, environment);
  const auto value = environment.get(kVariable);
  ASSERT_TRUE(value);
  ASSERT_EQ(::setenv(kVariable, std::string(*value).c_str(), 1), 0);
  EXPECT_EQ(take_known_remote(), kVersion);
  EXPECT_EQ(::getenv(kVariable), nullptr);
  EXPECT_EQ(take_known_remote(), std::nullopt);
}

TEST_F(KnownRemoteTest, OfAnother) {
  const std::string release(config::kVersion);
  for (const std::string& value :
       {std::string(), release, "1 2 3 4 5 " + release + "1", "1 2 3 4 5 1" + release,
        std::string("1 2 3 4 5 "), "1 2 3 4 " + release}) {
    ASSERT_EQ(::setenv(kVariable, value.c_str(), 1), 0);
    EXPECT_EQ(take_known_remote(), std::nullopt) << value;
    EXPECT_EQ(::getenv(kVariable), nullptr);
  }
}

TEST_F(KnownRemoteTest, WithoutAProgramOfThisReleaseTheVariableGoes) {
  sys::Environment environment;
  environment.set(kVariable, "anything");
  tell_of_remote(std::nullopt, environment);
  EXPECT_EQ(environment.get(kVariable), std::nullopt);
}

TEST_F(KnownRemoteTest, TheFirstProgramInPathCounts) {
  const testing::TemporaryHome home;
  const std::string path = ::getenv("PATH");
  ASSERT_EQ(::mkdir("one", 0755), 0);
  ASSERT_EQ(::mkdir("two", 0755), 0);
  ASSERT_EQ(::setenv("PATH", "one:two", 1), 0);
  EXPECT_EQ(look_at_remote("mark"), std::nullopt);
  testing::put_file("two/qmail-remote", "with a mark");
  ASSERT_EQ(::chmod("two/qmail-remote", 0711), 0);
  EXPECT_EQ(look_at_remote("mark"), sys::file_version("two/qmail-remote"));
  EXPECT_EQ(look_at_remote("another"), std::nullopt);
  testing::put_file("one/qmail-remote", "#!/bin/sh");
  ASSERT_EQ(::chmod("one/qmail-remote", 0711), 0);
  EXPECT_EQ(look_at_remote("mark"), std::nullopt);
  ASSERT_EQ(::setenv("PATH", path.c_str(), 1), 0);
}

}  // namespace
}  // namespace reqmail::spawn
