#include "smtpd/check_program.h"

#include <gtest/gtest.h>

#include "sys/clock.h"
#include "sys/process.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::smtpd {
namespace {

using testing::content_of;
using testing::TemporaryHome;

CheckProgram shell(const std::string& script) {
  return {.command = {"/bin/sh", "-c", script}};
}

TEST(CheckProgram, HasItsDescriptorsAndNoOthers) {
  const TemporaryHome home;
  CheckProgram program =
      shell("readlink /proc/self/fd/0 >seen; cat <&3 >input; echo 450 x >&4; exit 7");
  program.input = "address";
  program.says_on = 4;
  const auto outcome = run_check(program, base::Seconds(20));
  ASSERT_TRUE(outcome && outcome->end);
  EXPECT_EQ(outcome->end->code, 7);
  EXPECT_EQ(outcome->said, "450 x\n");
  EXPECT_EQ(content_of("seen"), "/dev/null\n");
  EXPECT_EQ(content_of("input"), "address");
  const auto none =
      run_check(shell("test ! -e /proc/self/fd/3 -a ! -e /proc/self/fd/4"), base::Seconds(20));
  ASSERT_TRUE(none && none->end);
  EXPECT_TRUE(none->end->success());
}

TEST(CheckProgram, WhatItLeavesBehindIsNotWaitedFor) {
  CheckProgram program = shell("sleep 60 & echo $! >&4; exit 0");
  program.says_on = 4;
  const auto begun = sys::monotonic();
  const auto outcome = run_check(program, base::Seconds(20));
  ASSERT_TRUE(outcome && outcome->end);
  EXPECT_LT(sys::monotonic() - begun, base::Seconds(15));
  ASSERT_FALSE(outcome->said.empty());
  (void)!::system(("kill " + outcome->said).c_str());
}

TEST(CheckProgram, EndsWithItsTime) {
  const auto begun = sys::monotonic();
  const auto outcome = run_check(shell("sleep 60; exit 0"), base::Seconds(1));
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->end);
  EXPECT_LT(sys::monotonic() - begun, base::Seconds(20));
}

TEST(CheckProgram, ThatIsNotThere) {
  const auto outcome = run_check({.command = {"/nonexistent/program"}}, base::Seconds(20));
  ASSERT_TRUE(outcome && outcome->end);
  EXPECT_EQ(outcome->end->code, sys::kExecFailed);
}

TEST(CheckProgram, MaySayAllOnItsStandardOutput) {
  CheckProgram program = shell("echo \"$WORD\"");
  program.environment = std::vector<std::string>{"WORD=hello"};
  program.says_on = 1;
  const auto outcome = run_check(program, base::Seconds(20));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->said, "hello\n");
}

}  // namespace
}  // namespace reqmail::smtpd
