// The names of SPF's results.
#include "mail/sender_verdict.h"

#include <gtest/gtest.h>

namespace reqmail::mail {
namespace {

TEST(SenderVerdict, WordsOfSpf) {
  EXPECT_EQ(spf_word(SpfWord::none), "none");
  EXPECT_EQ(spf_word(SpfWord::neutral), "neutral");
  EXPECT_EQ(spf_word(SpfWord::pass), "pass");
  EXPECT_EQ(spf_word(SpfWord::fail), "fail");
  EXPECT_EQ(spf_word(SpfWord::softfail), "softfail");
  EXPECT_EQ(spf_word(SpfWord::temperror), "temperror");
  EXPECT_EQ(spf_word(SpfWord::permerror), "permerror");
}

TEST(SenderVerdict, AListThatWasNotAskedHasFailed) {
  EXPECT_EQ(ListFinding().status, ListFinding::Status::failed);
}

}  // namespace
}  // namespace reqmail::mail
