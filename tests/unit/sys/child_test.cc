#include "sys/child.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "sys/exits.h"
#include "sys/signals.h"

namespace reqmail::sys {
namespace {

using std::chrono::milliseconds;

Child that_ends_with(int code) {
  const pid_t child = ::fork();
  if (child == 0) {
    finish(code);
  }
  return Child(child);
}

Child that_waits() {
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) {
      ::pause();
    }
  }
  return Child(child);
}

// Returns whether this process has no such child (any more).
bool is_gone(pid_t pid) {
  return ::waitpid(pid, nullptr, WNOHANG) < 0 && errno == ECHILD;
}

TEST(Child, IsWaitedForOnce) {
  Child child = that_ends_with(7);
  const pid_t pid = child.pid();
  EXPECT_TRUE(child.valid());
  const auto ended = child.wait();
  ASSERT_TRUE(ended);
  EXPECT_FALSE(ended->crashed);
  EXPECT_EQ(ended->code, 7);
  EXPECT_FALSE(child.valid());
  EXPECT_TRUE(is_gone(pid));
}

TEST(Child, SignalIsACrash) {
  Child child = that_waits();
  child.send_signal(SIGTERM);
  const auto ended = child.wait();
  ASSERT_TRUE(ended);
  EXPECT_TRUE(ended->crashed);
  EXPECT_EQ(ended->code, SIGTERM);
}

TEST(Child, NoneIsAnError) {
  Child none;
  EXPECT_FALSE(none.valid());
  none.send_signal(SIGKILL);
  none.send_group_signal(SIGKILL);
  // This process ID is not one of our children.
  EXPECT_EQ(Child(1).wait().error().error, ECHILD);
  Child other(1);
  EXPECT_EQ(other.look().error().error, ECHILD);
  EXPECT_FALSE(other.valid());
}

TEST(Child, IsKilledWhenItsOwnerGoes) {
  pid_t pid = -1;
  {
    const Child child = that_waits();
    pid = child.pid();
  }
  EXPECT_TRUE(is_gone(pid));
}

TEST(Child, MovesWithItsOwner) {
  Child first = that_waits();
  const pid_t pid = first.pid();
  Child second = that_waits();
  const pid_t replaced = second.pid();
  second = std::move(first);
  EXPECT_TRUE(is_gone(replaced));
  EXPECT_EQ(second.pid(), pid);
  EXPECT_EQ(::kill(pid, 0), 0);
}

TEST(Child, ReleasedGoesOn) {
  pid_t pid = -1;
  {
    Child child = that_waits();
    pid = child.release();
    EXPECT_FALSE(child.valid());
  }
  EXPECT_EQ(::kill(pid, 0), 0);
  Child(pid).end();
  EXPECT_TRUE(is_gone(pid));
}

TEST(Child, LookDoesNotWait) {
  Child child = that_waits();
  const auto running = child.look();
  ASSERT_TRUE(running);
  EXPECT_FALSE(running->has_value());
  child.send_signal(SIGKILL);
  EXPECT_TRUE(child.wait()->crashed);
}

TEST(Child, UidAtTheEndLeavesItToBeWaitedFor) {
  Child child = that_ends_with(3);
  EXPECT_EQ(child.uid_at_end(), ::getuid());
  EXPECT_EQ(child.wait()->code, 3);
}

TEST(Child, WaitForAtMostSoLong) {
  Child slow = that_waits();
  auto nothing = slow.wait_for(milliseconds(100));
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(nothing->has_value());
  slow.send_signal(SIGKILL);
  EXPECT_TRUE(slow.wait()->crashed);
  Child quick = that_ends_with(7);
  auto ended = quick.wait_for(milliseconds(10000));
  ASSERT_TRUE(ended && ended->has_value());
  EXPECT_EQ((*ended)->code, 7);
  EXPECT_EQ(quick.wait_for(milliseconds(10)).error().error, ECHILD);
}

TEST(Child, WaitingForOneLeavesTheSignalOfOthers) {
  default_signals({SIGCHLD});
  block_signals({SIGCHLD});
  Child other = that_ends_with(1);
  EXPECT_EQ(other.uid_at_end(), ::getuid());
  Child one = that_ends_with(2);
  ASSERT_TRUE(one.wait_for(milliseconds(10000))->has_value());
  sigset_t pending;
  ASSERT_EQ(::sigpending(&pending), 0);
  EXPECT_EQ(::sigismember(&pending, SIGCHLD), 1);
  unblock_signals({SIGCHLD});
  Child third = that_ends_with(3);
  ASSERT_TRUE(third.wait_for(milliseconds(10000))->has_value());
  sigset_t blocked;
  ASSERT_EQ(::sigprocmask(SIG_BLOCK, nullptr, &blocked), 0);
  EXPECT_EQ(::sigismember(&blocked, SIGCHLD), 0);
}

TEST(Child, ReapedByNumber) {
  Child child = that_ends_with(5);
  (void)child.uid_at_end();
  const auto ended = reap();
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->pid, child.release());
  EXPECT_EQ(ended->status.code, 5);
  EXPECT_FALSE(reap());
}

}  // namespace
}  // namespace reqmail::sys
