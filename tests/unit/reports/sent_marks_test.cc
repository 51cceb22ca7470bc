#include "reports/sent_marks.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/unit/support/temporary_home.h"

namespace reqmail::reports {
namespace {

TEST(SentMarks, AreRememberedUntilTheyAreTakenBack) {
  const testing::TemporaryHome home;
  {
    auto marks = SentMarks::open("day.sent");
    ASSERT_TRUE(marks);
    EXPECT_FALSE(marks->has("d.example", "a@d.example"));
    EXPECT_TRUE(marks->set("d.example", "a@d.example"));
    EXPECT_TRUE(marks->set("d.example", "b@d.example"));
    EXPECT_TRUE(marks->take_back("d.example", "b@d.example"));
    EXPECT_TRUE(marks->has("d.example", "a@d.example"));
    EXPECT_EQ(SentMarks::open("day.sent").error().error, EWOULDBLOCK);
  }
  auto marks = SentMarks::open("day.sent");
  ASSERT_TRUE(marks);
  EXPECT_TRUE(marks->has("d.example", "a@d.example"));
  EXPECT_FALSE(marks->has("d.example", "b@d.example"));
  EXPECT_FALSE(SentMarks::open("none/day.sent"));
}

}  // namespace
}  // namespace reqmail::reports
