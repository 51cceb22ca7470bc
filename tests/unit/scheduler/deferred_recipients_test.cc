#include "scheduler/deferred_recipients.h"

#include <gtest/gtest.h>

namespace reqmail::scheduler {
namespace {

using mail::MessageId;

base::Time at(std::int64_t seconds) {
  return base::from_epoch(seconds);
}

TEST(DeferredRecipients, AreDueAtTheirFirstTime) {
  DeferredRecipients deferred;
  EXPECT_EQ(deferred.first(), std::nullopt);
  deferred.keep(MessageId(1), {{5, at(300)}, {9, at(200)}});
  deferred.keep(MessageId(2), {{5, at(250)}});
  deferred.keep(MessageId(3), {});
  EXPECT_EQ(deferred.first(), at(200));
  EXPECT_TRUE(deferred.take_due(at(199)).empty());
  EXPECT_EQ(deferred.take_due(at(200)), std::vector{MessageId(1)});
  EXPECT_TRUE(deferred.take_due(at(200)).empty());
  EXPECT_EQ(deferred.take(MessageId(1)), (NextTries{{5, at(300)}, {9, at(200)}}));
  EXPECT_TRUE(deferred.take(MessageId(1)).empty());
  EXPECT_EQ(deferred.take(MessageId(2)).size(), 1U);
  EXPECT_EQ(deferred.first(), std::nullopt);
}

TEST(DeferredRecipients, AlarmAndAClockThatIsSetBack) {
  DeferredRecipients deferred;
  deferred.keep(MessageId(1), {{5, at(300)}});
  deferred.shift_back(base::Seconds(100));
  EXPECT_EQ(deferred.first(), at(200));
  deferred.all_due(at(50));
  EXPECT_EQ(deferred.take_due(at(50)), std::vector{MessageId(1)});
  EXPECT_EQ(deferred.take(MessageId(1)), (NextTries{{5, at(50)}}));
}

TEST(DeferredRecipients, TheEarliest) {
  EXPECT_EQ(earliest({}, at(5)), at(5));
  EXPECT_EQ(earliest({{1, at(7)}, {2, at(3)}}, at(5)), at(3));
}

}  // namespace
}  // namespace reqmail::scheduler
