// Sessions over a socket pair in forked processes, with control files of a home of their own.
#include "smtpd/forked_sessions.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/support/control_home.h"

namespace reqmail::smtpd {
namespace {

class Forked : public tests::ControlHome {
 protected:
  void SetUp() override {
    ::clearenv();
    control("me", "host.example\n");
  }

  ForkedSessionSettings settings() {
    return {.home = home(),
            .arguments = {"qmail-smtpd"},
            .is_ours = [this] { return ours_; },
            .tls_is_ours = [] { return true; }};
  }

  bool ours_ = true;
};

TEST_F(Forked, AnotherProgramIsExecuted) {
  ForkedSessions sessions(settings());
  EXPECT_TRUE(sessions.next());
  ours_ = false;
  EXPECT_FALSE(sessions.next());
}

TEST_F(Forked, WithoutItsHomeTheProgramIsExecuted) {
  ForkedSessionSettings elsewhere = settings();
  elsewhere.home = home() + "/absent";
  ForkedSessions sessions(elsewhere);
  EXPECT_FALSE(sessions.next());
}

TEST_F(Forked, TheWorkingDirectoryStays) {
  ASSERT_EQ(::chdir("/"), 0);
  ForkedSessions sessions(settings());
  EXPECT_TRUE(sessions.next());
  char here[2] = {};
  EXPECT_STREQ(::getcwd(here, sizeof here), "/");
}

}  // namespace
}  // namespace reqmail::smtpd
