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

TEST(LineChecks, OfTheChecksOfMessages) {
  const testing::TemporaryHome home;
  ASSERT_EQ(::mkdir("control", 0755), 0);
  put_file("control/dmarc", "reject\n");
  put_file("control/spfrules", "v=spf1 ip4:192.0.2.1\n");
  EXPECT_TRUE(control::check_control_files(line_checks()).empty());
  put_file("control/dmarc", "rejct\n");
  put_file("control/dmarcexempt", "192.0.2.0/24\n@a.example\nnonsense\n");
  put_file("control/smtpdmilters", "unix:/socket,default=accept\nunix:socket\n");
  put_file("control/smtpdpolicy", "inet:127.0.0.1:10023,default=accept\n");
  put_file("control/spfguess", "a/24 mx redirect=a.example\n");
  put_file("control/spfrules", "ip4:host\n");
  EXPECT_EQ(control::check_control_files(line_checks()),
            (std::vector<std::string>{
                "control/dmarc: bad line: rejct (no policy)",
                "control/dmarcexempt: bad line: nonsense (neither an address nor a network nor "
                "@domain)",
                "control/spfguess: bad line: a/24 mx redirect=a.example (no mechanisms of SPF)",
                "control/spfrules: bad line: ip4:host (no mechanisms of SPF)",
                "control/smtpdmilters: bad line: unix:socket (no path of a socket)",
                "control/smtpdpolicy: bad line: inet:127.0.0.1:10023,default=accept (unknown "
                "default)"}));
}

}  // namespace
}  // namespace reqmail::smtpd
