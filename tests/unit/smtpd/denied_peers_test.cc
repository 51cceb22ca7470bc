// The lists of a connection: the control files, interpreted according to the environment.
#include "smtpd/denied_peers.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace reqmail::smtpd {
namespace {

DenyFiles some_files() {
  DenyFiles files;
  files.senders = {{"badmailfrom", {"@sender.example", "a("}}};
  files.senders_norelay = {{"badmailfromnorelay", {"b@odd.example"}}};
  files.recipients = {{"badrcptto", {"x@"}}, {"badmailto", {"bob@here.example"}}};
  files.helo = {{"badhelo", {"."}}};
  return files;
}

TEST(DeniedPeers, LinesAreAddresses) {
  std::vector<std::string> faults;
  const proto::DeniedPeers denied = denied_peers(some_files(), {}, faults);
  EXPECT_TRUE(denied.senders.find("u@sender.example"));
  EXPECT_FALSE(denied.senders.find("u@sender.example.org"));
  EXPECT_TRUE(denied.senders_norelay.find("b@odd.example"));
  EXPECT_TRUE(denied.recipients.find("bob@here.example"));
  EXPECT_EQ(faults,
            (std::vector<std::string>{"control/badrcptto: bad line: x@ (no domain after @)",
                                      "control/badhelo: bad line: . (no host name)"}));
}

TEST(DeniedPeers, LinesAreExpressionsIfTheFileOrTheVariableSaysSo) {
  DenyFiles files = some_files();
  files.expressions = true;
  std::vector<std::string> faults;
  const proto::DeniedPeers denied = denied_peers(files, {}, faults);
  EXPECT_TRUE(denied.expressions);
  EXPECT_TRUE(denied.senders.find("u@SENDER.example.org"));
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].find("control/badmailfrom: bad line: a( ("), 0U) << faults[0];
  DenyEnvironment environment;
  environment.expressions = false;
  EXPECT_FALSE(denied_peers(files, environment, faults).senders.find("u@sender.example.org"));
}

TEST(DeniedPeers, ListsCanBeSwitchedOff) {
  DenyEnvironment environment;
  environment.senders_off = environment.helo_off = true;
  std::vector<std::string> faults;
  const proto::DeniedPeers denied = denied_peers(some_files(), environment, faults);
  EXPECT_FALSE(denied.senders.find("u@sender.example"));
  EXPECT_FALSE(denied.senders_norelay.find("b@odd.example"));
  EXPECT_TRUE(denied.recipients.find("bob@here.example"));
  EXPECT_EQ(faults.size(), 1U) << "lists that are off are not judged";
}

TEST(DeniedPeers, TheEnvironment) {
  for (const char* name : {"QREGEX", "LOGREGEX", "DISABLE_BADMAILFROM", "NOBADHELO"}) {
    ::unsetenv(name);
  }
  DenyEnvironment environment = deny_environment();
  EXPECT_FALSE(environment.expressions || environment.lines_are_logged ||
               environment.senders_off || environment.helo_off);
  ::setenv("QREGEX", "0", 1);
  EXPECT_EQ(deny_environment().expressions, false);
  ::setenv("QREGEX", "1", 1);
  ::setenv("LOGREGEX", "", 1);
  ::setenv("DISABLE_BADMAILFROM", "", 1);
  ::setenv("NOBADHELO", "", 1);
  environment = deny_environment();
  EXPECT_EQ(environment.expressions, true);
  EXPECT_TRUE(environment.lines_are_logged && environment.senders_off && environment.helo_off);
  for (const char* name : {"QREGEX", "LOGREGEX", "DISABLE_BADMAILFROM", "NOBADHELO"}) {
    ::unsetenv(name);
  }
}

}  // namespace
}  // namespace reqmail::smtpd
