// Which worker gets a delivery. The workers are real; what they deliver is refused, or deferred
// where there is no home of qmail, before anything is sent.
#include "spawn/remote_pool.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "mail/verdict_codec.h"
#include "sys/child.h"
#include "sys/file.h"

namespace reqmail::spawn {
namespace {

class RemotePoolTest : public ::testing::Test {
 protected:
  bool give(unsigned slot, unsigned signer = 0,
            const std::vector<sys::DescriptorMove>& descriptors = {}) {
    const auto message = sys::open_read("/dev/null");
    EXPECT_TRUE(message);
    // A recipient that no SMTP command can hold.
    return pool_.give({slot}, {"h", "s", "", {"a\nb@h"}}, message->get(),
                      {.program = {}, .signer = signer}, descriptors, [this] { ++forgotten_; });
  }

  // Waits for the outcome of a delivery; several may come at a time.
  RemotePool::Outcome outcome() {
    sys::Poller poller;
    for (int tries = 0; tries < 1000 && come_.empty(); ++tries) {
      poller.clear();
      pool_.watch(poller);
      (void)poller.wait(std::chrono::milliseconds(100));
      while (const auto ended = sys::reap()) {
        pool_.child_ended(ended->pid, ended->status);
      }
      for (RemotePool::Outcome& found : pool_.collect(poller)) {
        come_.push_back(std::move(found));
      }
    }
    if (come_.empty()) {
      ADD_FAILURE() << "no outcome";
      return {};
    }
    RemotePool::Outcome first = std::move(come_.front());
    come_.pop_front();
    return first;
  }

  std::deque<RemotePool::Outcome> come_;
  RemotePool pool_;
  int forgotten_ = 0;
};

TEST_F(RemotePoolTest, AReportComesBackForItsSlot) {
  ASSERT_TRUE(give(4));
  const auto result = outcome();
  EXPECT_EQ(result.slot, 4U);
  EXPECT_EQ(result.kind, WorkerResult::Kind::done);
  EXPECT_FALSE(result.end.crashed);
  EXPECT_EQ(result.end.code, 0);
  ASSERT_FALSE(result.output.empty());
  EXPECT_TRUE(result.output[0] == 'D' || result.output[0] == 'Z');
  // Only the copy in the worker has forgotten something.
  EXPECT_EQ(forgotten_, 0);
}

TEST_F(RemotePoolTest, ReportsOfAGroupComeTogether) {
  const auto message = sys::open_read("/dev/null");
  ASSERT_TRUE(message);
  std::vector<unsigned> slots;
  RemoteOrder order{"h", "s", "", {}};
  for (unsigned slot = 0; slot < 200; ++slot) {
    slots.push_back(slot);
    order.recipients.emplace_back("a\nb@h");
  }
  ASSERT_TRUE(pool_.give(slots, order, message->get(), {}, {}, [] {}));
  EXPECT_EQ(outcome().slot, 0U);
  EXPECT_EQ(come_.size(), 199U);
}

TEST_F(RemotePoolTest, DeliveriesAtATimeAndOneAfterTheOther) {
  ASSERT_TRUE(give(1));
  ASSERT_TRUE(give(2));
  const unsigned first = outcome().slot;
  EXPECT_EQ(first + outcome().slot, 3U);
  ASSERT_TRUE(give(first));
  EXPECT_EQ(outcome().slot, first);
}

TEST_F(RemotePoolTest, OtherTermsAndRetirementMakeNoDifferenceToTheReport) {
  ASSERT_TRUE(give(1));
  const std::string text = outcome().output;
  ASSERT_TRUE(give(2, 1));
  EXPECT_EQ(outcome().output, text);
  pool_.retire_all();
  ASSERT_TRUE(give(3, 1));
  EXPECT_EQ(outcome().output, text);
}

TEST_F(RemotePoolTest, AWorkerThatCannotGetItsDescriptorsIsTemporaryTrouble) {
  constexpr int kNotOpen = 900;
  // One that has ended before the order comes does not take it.
  if (give(1, 0, {{kNotOpen, 4}})) {
    EXPECT_EQ(outcome().end.code, mail::rspawn_exit::kRunTemporary);
  }
}

}  // namespace
}  // namespace reqmail::spawn
