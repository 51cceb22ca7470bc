// The environment, errors and their texts, exits, signals, identities, and clocks.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "base/program_end.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/identity.h"
#include "sys/process.h"
#include "sys/signals.h"
#include "sys/stream.h"
#include "tests/unit/support/child_report.h"

namespace reqmail::sys {
namespace {

using tests::in_child;

TEST(Environment, SetsReplacesRemoves) {
  Environment environment;
  environment.set("A", "1");
  environment.set("AB", "2");
  environment.set("A", "3");
  EXPECT_EQ(environment.strings(), (std::vector<std::string>{"A=3", "AB=2"}));
  EXPECT_EQ(environment.get("A"), "3");
  EXPECT_EQ(environment.get("B"), std::nullopt);
  environment.set("EMPTY", "");
  EXPECT_EQ(environment.get("EMPTY"), "");
  environment.unset("A");
  environment.unset("NONE");
  EXPECT_EQ(environment.strings(), (std::vector<std::string>{"AB=2", "EMPTY="}));
}

TEST(Environment, OfThisProcess) {
  ASSERT_EQ(::setenv("REQMAIL_TEST", "x=y", 1), 0);
  EXPECT_EQ(environment_value("REQMAIL_TEST"), "x=y");
  EXPECT_EQ(Environment::current().get("REQMAIL_TEST"), "x=y");
  ASSERT_EQ(::unsetenv("REQMAIL_TEST"), 0);
  EXPECT_EQ(environment_value("REQMAIL_TEST"), std::nullopt);
}

TEST(Error, PermanenceAndName) {
  EXPECT_TRUE(is_temporary(ENOSPC));
  EXPECT_TRUE(is_temporary(EIO));
  EXPECT_TRUE(is_temporary(EDQUOT));
  EXPECT_FALSE(is_temporary(ENOENT));
  EXPECT_FALSE(is_temporary(EACCES));
  EXPECT_EQ(error_text(ENOENT), "file does not exist");
  EXPECT_EQ(error_text(EACCES), "access denied");
  EXPECT_EQ(error_text(9999), "unknown error");
  errno = ENOSPC;
  const Failure failure = system_failure("unable to write x");
  EXPECT_EQ(failure.text, "unable to write x: out of disk space");
  EXPECT_EQ(failure.error, ENOSPC);
  EXPECT_EQ(failure.permanence, Permanence::temporary);
}

TEST(Exits, FinishWithTheCode) {
  EXPECT_EQ(in_child([] { finish(111); }).code, 111);
}

TEST(Signals, ExitWithTheCode) {
  const base::ProgramEnd status = in_child([] {
    exit_on_signal(SIGALRM, 52);
    (void)::raise(SIGALRM);
  });
  EXPECT_FALSE(status.crashed);
  EXPECT_EQ(status.code, 52);
}

TEST(Signals, BecomeBytesOnAPipe) {
  const base::ProgramEnd status = in_child([] {
    const auto pipe = signals_to_pipe({SIGHUP, SIGTERM});
    (void)::raise(SIGTERM);
    (void)::raise(SIGHUP);
    char bytes[3] = {};
    const auto count = read_some(*pipe, bytes, sizeof bytes);
    finish(*count == 2 && bytes[0] == SIGTERM && bytes[1] == SIGHUP ? 0 : 1);
  });
  EXPECT_EQ(status.code, 0);
}

TEST(Signals, IgnoredChildrenAreCountedAgain) {
  const base::ProgramEnd status = in_child([] {
    ignore_signals({SIGCHLD});
    reset_child_signal();
    const pid_t child = ::fork();
    if (child == 0) {
      finish(7);
    }
    const auto ended = Child(child).wait();
    finish(ended && ended->code == 7 ? 0 : 1);
  });
  EXPECT_EQ(status.code, 0);
}

TEST(Identity, NamesAndAbsence) {
  EXPECT_EQ(account_name(Account::qmailq), "qmailq");
  EXPECT_EQ(group_name(Group::nofiles), "nofiles");
  EXPECT_EQ(account_of(4294000000U), std::nullopt);
}

TEST(Identity, BecomesForGoodOrFails) {
  if (::getuid() == 0) {
    const base::ProgramEnd status = in_child([] {
      const bool became = become(Identity{65534, 65534}).has_value();
      const bool kept = ::setuid(0) != 0 && ::getuid() == 65534 && ::getgid() == 65534;
      finish(became && kept ? 0 : 1);
    });
    EXPECT_EQ(status.code, 0);
  } else {
    EXPECT_FALSE(become(Identity{0, 0}));
  }
}

TEST(Clock, IsTheSystems) {
  const std::int64_t before = ::time(nullptr);
  const std::int64_t ours = base::to_epoch(now());
  const PreciseTime precise = precise_now();
  EXPECT_GE(ours, before - 1);
  EXPECT_LE(ours, ::time(nullptr));
  EXPECT_LT(precise.microseconds, 1000000);
  EXPECT_GE(precise.microseconds, 0);
}

// In a child, since the environment is that of a process.
TEST(BecomeEnvironment, ReplacesAllVariables) {
  EXPECT_EXIT(
      {
        ::setenv("OLD", "1", 1);
        Environment environment;
        environment.set("NEW", "a=b");
        environment.set("EMPTY", "");
        become_environment(environment);
        const bool replaced = !environment_value("OLD") && environment_value("NEW") == "a=b" &&
                              environment_value("EMPTY") == "";
        set_environment_value("NEW", "c");
        (void)take_environment_value("EMPTY");
        ::_exit(replaced &&
                        Environment::current().strings() == std::vector<std::string>{"NEW=c"}
                    ? 0
                    : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace reqmail::sys
