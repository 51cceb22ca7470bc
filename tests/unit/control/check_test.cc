#include "control/check.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/support/temporary_home.h"

namespace reqmail::control {
namespace {

using testing::put_file;

TEST(CheckControlFiles, NamesWhatMakesNoSense) {
  const testing::TemporaryHome home;
  ASSERT_EQ(::mkdir("control", 0755), 0);
  const std::vector<LineCheck> checks = {
      {"badmailfrom",
       [](const std::vector<std::string>& lines) {
         return std::vector<base::BadLine>{{lines.front(), "no"}};
       }},
      {"smtpdlog", [](const std::vector<std::string>& lines) {
         return std::vector<base::BadLine>{{lines.front(), "no log"}};
       }}};
  EXPECT_TRUE(check_control_files(checks).empty()) << "no file is no fault";
  put_file("control/badmailfrom", "# comment\nx\n");
  put_file("control/rcpthosts", "not checked\n");
  put_file("control/databytes", "many\n");
  put_file("control/maxrcpt", "20k\n");
  put_file("control/smtpdlog", "x\n");
  put_file("control/timeoutsmtpd", "\n");
  ASSERT_EQ(::mkdir("control/locals", 0755), 0);
  ASSERT_EQ(::mkdir("control/me", 0755), 0);
  EXPECT_EQ(check_control_files(checks),
            (std::vector<std::string>{"control/badmailfrom: bad line: x (no)",
                                      "control/databytes: bad line: many (no number)",
                                      "control/locals: cannot be read: is a directory",
                                      "control/me: cannot be read: is a directory",
                                      "control/smtpdlog: bad line: x (no log)"}));
}

}  // namespace
}  // namespace reqmail::control
