// What a message's caller is called, and which wishes of its sender are kept.
#include "queue/submission.h"

#include <gtest/gtest.h>

namespace reqmail::queue {
namespace {

TEST(Submission, ThreeAccountsHaveTheirOwnNames) {
  EXPECT_EQ(caller_of(sys::Account::alias), mail::QueueCaller::alias);
  EXPECT_EQ(caller_of(sys::Account::qmaild), mail::QueueCaller::network);
  EXPECT_EQ(caller_of(sys::Account::qmails), mail::QueueCaller::bounce);
  for (const auto account : {sys::Account::qmaill, sys::Account::qmailp, sys::Account::qmailq,
                             sys::Account::qmailr}) {
    EXPECT_EQ(caller_of(account), mail::QueueCaller::user);
  }
  EXPECT_EQ(caller_of(std::nullopt), mail::QueueCaller::user);
}

TEST(Submission, WishesThatMakeSenseAreKept) {
  EXPECT_EQ(kept_wishes("RET=HDRS\n"), "RET=HDRS\n");
  EXPECT_EQ(kept_wishes("RET=nonsense\n"), "");
  EXPECT_EQ(kept_wishes("\n"), "");
  EXPECT_EQ(kept_wishes(""), "");
  EXPECT_EQ(kept_wishes(std::nullopt), "");
}

}  // namespace
}  // namespace reqmail::queue
