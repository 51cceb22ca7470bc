#include "dnscheck/report.h"

#include <gtest/gtest.h>

namespace reqmail::dnscheck {
namespace {

TEST(Report, TheWorstStatusIsThatOfTheReport) {
  Report report("d.example");
  EXPECT_EQ(report.status(), Status::ok);
  report.add({"mx", Status::unknown, "x"});
  EXPECT_EQ(exit_code(report.status()), 3);
  report.add({"spf", Status::warning, "x"});
  EXPECT_EQ(exit_code(report.status()), 1);
  report.add({"ptr", Status::critical, "x"});
  report.add({"ptr", Status::ok, "x"});
  EXPECT_EQ(exit_code(report.status()), 2);
  EXPECT_EQ(worse(Status::ok, Status::ok), Status::ok);
}

TEST(Report, Text) {
  Report report("d.example");
  report.add({"mx", Status::ok, "fine"});
  report.add({"spf", Status::warning, "none", "publish: this"});
  report.add({"ptr", Status::ok, "a\nline\x1b[1m", {}});
  EXPECT_EQ(report.text(),
            "DELIVERABILITY WARNING: d.example: 1 warning, 2 ok\n"
            "ok mx: fine\n"
            "warning spf: none; publish: this\n"
            "ok ptr: a?line?[1m\n");
}

TEST(Report, Json) {
  Report report("d.example");
  report.add({"spf", Status::critical, "a \"b\"", "c\\d"});
  report.add({"mx", Status::ok, "fine"});
  EXPECT_EQ(report.json(),
            R"({"domain":"d.example","status":"critical","checks":[)"
            R"({"name":"spf","status":"critical","text":"a \"b\"","advice":"c\\d"},)"
            R"({"name":"mx","status":"ok","text":"fine","advice":""}]})"
            "\n");
}

}  // namespace
}  // namespace reqmail::dnscheck
