#include "reports/daily.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/time.h"
#include "sys/directory.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::reports {
namespace {

TEST(Daily, DaysAreEightDigits) {
  EXPECT_EQ(parse_day("20231114"), base::from_epoch(1699920000));
  EXPECT_EQ(parse_day("19700101"), base::from_epoch(0));
  for (const char* text :
       {"", "2023111", "202311145", "20231301", "20230230", "19691231", "2023-1-1"}) {
    EXPECT_EQ(parse_day(text), std::nullopt) << text;
  }
}

TEST(Daily, WritesAReportForEachDomain) {
  const testing::TemporaryHome home;
  DailySettings settings;
  settings.organization = "mx.example";
  settings.contact = "post@mx.example";
  settings.directory = "out";
  const base::Time day = *parse_day("20231114");
  EXPECT_TRUE(report_day(day, settings).empty()) << "without lines there is nothing to do";
  ASSERT_EQ(::mkdir("dmarc", 0755), 0);
  const std::string rest =
      " ip=192.0.2.1 from=x policy=a.example disposition=none dkim=fail spf=fail\n";
  testing::put_file("dmarc/20231114",
                    "t=1700000000" + rest + "nonsense\nt=1700000001" + rest +
                        "t=1700000002 policy=b.example\nt=1700000003 policy=c.ex");
  EXPECT_EQ(report_day(day, settings).size(), 2U) << "there is no such directory";
  ASSERT_EQ(::mkdir("out", 0755), 0);
  EXPECT_TRUE(report_day(day, settings).empty());
  auto names = sys::list_directory("out");
  ASSERT_TRUE(names);
  std::sort(names->begin(), names->end());
  EXPECT_EQ(*names,
            (std::vector<std::string>{"mx.example!a.example!1699920000!1700006399.xml.gz",
                                      "mx.example!b.example!1699920000!1700006399.xml.gz"}));
}

}  // namespace
}  // namespace reqmail::reports
