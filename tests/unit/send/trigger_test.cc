// The trigger in the main loop: when it is opened, watched and checked.
#include "send/trigger.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "tests/unit/support/temporary_home.h"

namespace reqmail::send {
namespace {

using Clock = SendTrigger::Clock;

class SendTriggerTest : public ::testing::Test {
 protected:
  SendTriggerTest() { ::mkdir("lock", 0700); }

  static void make_fifo() {
    (void)::unlink("lock/trigger");
    ASSERT_EQ(::mkfifo("lock/trigger", 0600), 0);
    ASSERT_EQ(::chmod("lock/trigger", 0622), 0);
  }

  [[nodiscard]] bool pulled() const {
    pollfd watched{trigger_.fd(), POLLIN, 0};
    return ::poll(&watched, 1, 0) == 1;
  }

  testing::TemporaryHome home_;
  SendTrigger trigger_;
  Clock now_{1000};
};

TEST_F(SendTriggerTest, IsWatchedUntilTheNextLook) {
  make_fifo();
  EXPECT_EQ(trigger_.arm(now_), "");
  EXPECT_GE(trigger_.fd(), 0);
  EXPECT_EQ(trigger_.wait_limit(now_), SendTrigger::kRecheck);
  EXPECT_EQ(trigger_.wait_limit(now_ + Clock(1)), SendTrigger::kRecheck - Clock(1));
  EXPECT_EQ(trigger_.wait_limit(now_ + 2 * SendTrigger::kRecheck), Clock(0));
  EXPECT_FALSE(pulled());
  queue::pull_trigger();
  EXPECT_TRUE(pulled());
  trigger_.read_empty();
  EXPECT_FALSE(pulled());
}

TEST_F(SendTriggerTest, ALookAtTheSameTriggerChangesNothing) {
  make_fifo();
  (void)trigger_.arm(now_);
  EXPECT_FALSE(trigger_.due(now_ + SendTrigger::kRecheck - Clock(1)));
  EXPECT_FALSE(trigger_.due(now_ + SendTrigger::kRecheck));
  EXPECT_EQ(trigger_.wait_limit(now_ + SendTrigger::kRecheck), SendTrigger::kRecheck);
}

TEST_F(SendTriggerTest, AnotherFifoInItsPlaceIsOpened) {
  make_fifo();
  (void)trigger_.arm(now_);
  ASSERT_EQ(::rename("lock/trigger", "lock/old"), 0);
  make_fifo();
  now_ += SendTrigger::kRecheck;
  EXPECT_TRUE(trigger_.due(now_));
  EXPECT_EQ(trigger_.arm(now_), "");
  queue::pull_trigger();
  EXPECT_TRUE(pulled());
}

TEST_F(SendTriggerTest, WithoutOneTodoIsLookedAtOften) {
  EXPECT_NE(trigger_.arm(now_), "");
  EXPECT_EQ(trigger_.fd(), -1);
  EXPECT_EQ(trigger_.wait_limit(now_), SendTrigger::kBlindLook);
  now_ += SendTrigger::kBlindLook;
  EXPECT_TRUE(trigger_.due(now_));
  // The reason is returned only once, until a trigger has existed again.
  EXPECT_EQ(trigger_.arm(now_), "");
  make_fifo();
  EXPECT_EQ(trigger_.arm(now_), "");
  EXPECT_GE(trigger_.fd(), 0);
  ASSERT_EQ(::unlink("lock/trigger"), 0);
  EXPECT_NE(trigger_.arm(now_), "");
}

TEST_F(SendTriggerTest, AFifoThatQmailQueueCannotWriteToIsNone) {
  make_fifo();
  ASSERT_EQ(::chmod("lock/trigger", 0600), 0);
  EXPECT_NE(trigger_.arm(now_), "");
  EXPECT_EQ(trigger_.fd(), -1);
}

}  // namespace
}  // namespace reqmail::send
