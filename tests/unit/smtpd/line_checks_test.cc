#include "smtpd/line_checks.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/unit/support/temporary_home.h"

namespace reqmail::smtpd {
namespace {

using testing::put_file;

TEST(LineChecks, OfTheListsOfPeersAndRecipients) {
  ::unsetenv("QREGEX");
  const testing::TemporaryHome home;
  ASSERT_EQ(::mkdir("control", 0755), 0);
  put_file("control/badmailfrom", "a(b@\n^ann@\n");
  put_file("control/badhelo", "a@b\n");
  put_file("control/dnsbllist", "bl.example\nno zone\n");
  put_file("control/recipients", "nonsense\n");
  put_file("control/validrcptto", "-\n");
  EXPECT_EQ(control::check_control_files(line_checks()),
            (std::vector<std::string>{
                "control/badmailfrom: bad line: a(b@ (no domain after @)",
                "control/badmailfrom: bad line: ^ann@ (no domain after @)",
                "control/badhelo: bad line: a@b (no host name)",
                "control/dnsbllist: bad line: no zone (no zone of the DNS)",
                "control/recipients: bad line: nonsense (no file, no program, neither ! nor @)",
                "control/validrcptto: bad line: - (no address)"}));
  put_file("control/qregex", "1\n");
  const auto faults = control::check_control_files(line_checks());
  ASSERT_EQ(faults.size(), 4U);
  EXPECT_EQ(faults[0].find("control/badmailfrom: bad line: a(b@ ("), 0U) << faults[0];
}

}  // namespace
}  // namespace reqmail::smtpd
