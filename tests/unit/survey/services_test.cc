#include "survey/services.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/unit/support/scratch.h"

namespace reqmail::survey {
namespace {

using tests::Scratch;

TEST(Services, ServicesOfEverySupervisor) {
  const Scratch home;
  const std::string script = "#!/bin/sh\nexec qmail-smtpd\n";
  for (const char* name :
       {"service/smtpd/run", "var/service/a/run", "etc/service/b/run", "etc/sv/c/run",
        "run/service/d/run", "etc/init.d/qmail", "etc/rc.d/init.d/qmaild", "etc/xinetd.d/smtp",
        "home/supervise/e/run", "home/rc"}) {
    home.put(name, script + "# " + name + "\n");
  }
  home.put("etc/systemd/system/qmail-smtpd@.service",
           "[Service]\nExecStart=/x/qmail-smtpd a b\n");
  home.put("etc/systemd/system/other.service", "[Service]\nExecStart=/x/other\n");
  home.put("etc/init.d/ssh", "#!/bin/sh\nexec sshd\n");
  home.put("service/.hidden/run", script);
  home.put("etc/inetd.conf",
           "smtp stream tcp nowait qmaild /x/tcp-env tcp-env /x/qmail-smtpd\n");
  // The same service through its link counts once.
  home.make_folder("etc/service");
  ASSERT_EQ(::symlink(home("etc/sv/c").c_str(), home("etc/service/c").c_str()), 0);
  const Services services = find_services(home("home"), home(""));
  EXPECT_EQ(services.scripts.size(), 12U);
  EXPECT_TRUE(services.findings.empty());
  for (const ServiceScript& found : services.scripts) {
    EXPECT_EQ(found.facts.invocations.size(), 1U) << found.path;
  }
}

TEST(Services, RulesBesideTheUsualPlaces) {
  const Scratch home;
  home.put("etc/tcp.smtp", ":allow,CHKUSER_START=\"ALWAYS\"\n");
  home.put("srv/rules", ":allow,RCPTCHECK=\"/x\"\n");
  home.put("service/s/run", "tcpserver -x /srv/rules.cdb 0 25 qmail-smtpd\n");
  home.put("service/t/run", "tcpserver -x $RULES 0 25 qmail-smtpd\n");
  const Services services = find_services(home("home"), home(""));
  ASSERT_EQ(services.rules.size(), 2U);
  EXPECT_EQ(services.rules[0].settings[0].name, "RCPTCHECK");
  EXPECT_EQ(services.rules[1].settings[0].name, "CHKUSER_START");
}

TEST(Services, RulesBehindVariablesAndInEveryUsualPlace) {
  const Scratch home;
  home.put("srv/etc/rules", ":allow,A=\"1\"\n");
  home.put("etc/mail.conf", "DIR=/srv/etc\n");
  home.put("service/s/run",
           ". /etc/mail.conf\nRULES=$DIR/rules\n"
           "exec tcpserver -x \"${RULES}.cdb\" 0 25 qmail-smtpd\n");
  home.put("service/t/run", "tcpserver -x $NOBODY_KNOWS 0 25 qmail-smtpd\n");
  home.put("home/control/tcp.smtp", ":allow,B=\"1\"\n");
  home.put("home/control/tcp.smtp~", ":allow,X=\"1\"\n");
  home.put("etc/tcp.submission", ":allow,C=\"1\"\n");
  home.put("etc/tcprules.d/anything", ":allow,D=\"1\"\n");
  home.put("etc/tcprules.d/.anything.swp", ":allow,X=\"1\"\n");
  std::string names;
  for (const RuleFile& file : find_services(home("home"), home("")).rules) {
    names += file.settings.at(0).name;
  }
  EXPECT_EQ(names, "ABCD");
}

TEST(Services, PatternsOfLoggers) {
  const Scratch home;
  home.put("home/supervise/smtpd/log/run",
           "#!/bin/sh\nexec multilog t '-*' '+*CHKUSER*' ./main\n");
  const Services services = find_services(home("home"), home(""));
  ASSERT_EQ(services.logs.size(), 1U);
  EXPECT_EQ(services.logs[0].patterns, (std::vector<std::string>{"-*", "+*CHKUSER*"}));
}

}  // namespace
}  // namespace reqmail::survey
