// Dates in the forms of header fields and mbox files.
#include "mail/date822.h"

#include <gtest/gtest.h>

namespace reqmail::mail {
namespace {

TEST(Date822, IsUtcWithoutTheWeekday) {
  EXPECT_EQ(date822(base::from_epoch(0)), "1 Jan 1970 00:00:00 -0000");
  EXPECT_EQ(date822(base::from_epoch(1795367033)), "22 Nov 2026 17:03:53 -0000");
  EXPECT_EQ(date822(base::from_epoch(951782400)), "29 Feb 2000 00:00:00 -0000");
  // This time does not fit into 32 bits.
  EXPECT_EQ(date822(base::from_epoch(4294967296)), "7 Feb 2106 06:28:16 -0000");
  EXPECT_EQ(date_and_time(base::from_epoch(86399)), "1 Jan 1970 23:59:59");
}

TEST(Date822, MboxDatesHaveTheirFixedForm) {
  EXPECT_EQ(mbox_date(base::from_epoch(1795367033)), "Sun Nov 22 17:03:53 2026");
}

TEST(Date822, EastAndWestOfGreenwich) {
  const base::Time time = base::from_epoch(1795361033);
  EXPECT_EQ(date822(time, base::Seconds(0)), "22 Nov 2026 15:23:53 +0000");
  EXPECT_EQ(date822(time, base::Seconds(5 * 3600 + 45 * 60)), "22 Nov 2026 21:08:53 +0545");
  EXPECT_EQ(date822(time, base::Seconds(-(3 * 3600 + 30 * 60))), "22 Nov 2026 11:53:53 -0330");
  EXPECT_EQ(date822(time, base::Seconds(9 * 3600)), "23 Nov 2026 00:23:53 +0900");
}

}  // namespace
}  // namespace reqmail::mail
