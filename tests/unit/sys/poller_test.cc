// What counts as ready, and how long a wait takes.
#include "sys/poller.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/time.h>

#include <chrono>

#include "sys/fd.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace reqmail::sys {
namespace {

using std::chrono::milliseconds;

TEST(Poller, DataAndEndOfFileAreReady) {
  auto quiet = make_pipe();
  auto full = make_pipe();
  auto ended = make_pipe();
  ASSERT_TRUE(quiet && full && ended);
  ASSERT_TRUE(write_all(full->write.get(), "x"));
  ended->write.close();
  Poller poller;
  const auto a = poller.watch_read(quiet->read.get());
  const auto b = poller.watch_read(full->read.get());
  const auto c = poller.watch_read(ended->read.get());
  const auto d = poller.watch_write(quiet->write.get());
  ASSERT_TRUE(poller.wait());
  EXPECT_FALSE(poller.ready(a));
  EXPECT_TRUE(poller.ready(b));
  EXPECT_TRUE(poller.ready(c));
  EXPECT_TRUE(poller.ready(d));
}

TEST(Poller, LimitEndsTheWait) {
  auto quiet = make_pipe();
  ASSERT_TRUE(quiet);
  Poller poller;
  const auto index = poller.watch_read(quiet->read.get());
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(poller.wait(milliseconds(30)));
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(29));
  EXPECT_FALSE(poller.ready(index));
  // One deadline has passed, and one is too long for poll(2).
  ASSERT_TRUE(write_all(quiet->write.get(), "x"));
  ASSERT_TRUE(poller.wait(milliseconds(-5)));
  EXPECT_TRUE(poller.ready(index));
  ASSERT_TRUE(poller.wait(std::chrono::hours(24 * 365 * 100)));
  EXPECT_TRUE(poller.ready(index));
}

TEST(Poller, SignalEndsTheWaitWithNothingReady) {
  auto quiet = make_pipe();
  ASSERT_TRUE(quiet);
  disregard_signals({SIGALRM});
  Poller poller;
  const auto index = poller.watch_read(quiet->read.get());
  struct itimerval soon = {};
  soon.it_value.tv_usec = 20'000;
  ASSERT_EQ(::setitimer(ITIMER_REAL, &soon, nullptr), 0);
  ASSERT_TRUE(poller.wait());
  EXPECT_FALSE(poller.ready(index));
  default_signals({SIGALRM});
}

}  // namespace
}  // namespace reqmail::sys
