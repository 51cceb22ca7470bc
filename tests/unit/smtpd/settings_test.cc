// The settings that the servers of SMTP and QMTP read from files and from the environment of a
// connection.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "smtpd/environment.h"
#include "smtpd/files.h"
#include "tests/unit/support/control_home.h"

namespace reqmail::smtpd {
namespace {

class SmtpdSettings : public tests::ControlHome {
 protected:
  void SetUp() override { ASSERT_EQ(::clearenv(), 0); }

  void TearDown() override { ::setenv("PATH", "/bin:/usr/bin", 1); }
};

TEST_F(SmtpdSettings, Defaults) {
  control("me", "host.example\n");
  const auto files = load_smtpd_files();
  ASSERT_TRUE(files);
  EXPECT_EQ(files->me, "host.example");
  EXPECT_EQ(files->greeting, "host.example");
  EXPECT_EQ(files->own_host.name, "host.example");
  EXPECT_EQ(files->timeout, base::Seconds(1200));
  EXPECT_EQ(files->limits.databytes, 0U);
  EXPECT_EQ(files->limits.max_recipients, 10'000U);
  EXPECT_TRUE(files->denied.senders.empty() && files->denied.helo_norelay.empty());
  EXPECT_FALSE(files->denied.expressions || files->null_senders_denied);
  EXPECT_EQ(files->limits.max_bad_recipients, 0U);
  EXPECT_EQ(files->tarpit.count, 0U);
  EXPECT_EQ(files->tarpit.delay, base::Seconds(5));
  EXPECT_TRUE(*files->rcpthosts.accepts("any.example"));
  EXPECT_FALSE(files->log);
}

TEST_F(SmtpdSettings, WhatTheFilesSay) {
  control("smtpgreeting", "mx.example hello\nsecond\n");
  control("timeoutsmtpd", "30 seconds\n");
  control("databytes", "1000\n");
  control("maxrcpt", "0\n");
  control("badmailfrom", "# none of these\nBad@a.example\n");
  control("rcpthosts", "here.example\n");
  control("smtpdlog", "qlog \n");
  const auto files = load_smtpd_files();
  ASSERT_TRUE(files);
  EXPECT_EQ(files->me, std::nullopt);
  EXPECT_EQ(files->greeting, "mx.example hello");
  EXPECT_EQ(files->own_host.name, std::nullopt);
  EXPECT_EQ(files->timeout, base::Seconds(30));
  EXPECT_EQ(files->limits.databytes, 1000U);
  EXPECT_EQ(files->limits.max_recipients, 0U);
  ASSERT_EQ(files->denied.senders.size(), 1U);
  EXPECT_EQ(files->denied.senders[0].lines, std::vector<std::string>{"Bad@a.example"});
  EXPECT_FALSE(*files->rcpthosts.accepts("else.example"));
  EXPECT_TRUE(files->log);
  const auto qmtp = load_qmtpd_files();
  ASSERT_TRUE(qmtp);
  EXPECT_EQ(qmtp->databytes, 1000U);
  EXPECT_TRUE(*qmtp->rcpthosts.accepts("HERE.example"));
  EXPECT_FALSE(*qmtp->rcpthosts.accepts("else.example"));
}

TEST_F(SmtpdSettings, OddContent) {
  control("me", "host.example\n");
  for (const char* word : {"", "qlog2\n", "# c\nqlog\n", " qlog\n"}) {
    control("smtpdlog", word);
    EXPECT_FALSE(load_smtpd_files()->log) << word;
  }
  control("timeoutsmtpd", "0\n");
  EXPECT_EQ(load_smtpd_files()->timeout, base::Seconds(1));
  control("timeoutsmtpd", "99999999999999999999\n");
  EXPECT_EQ(load_smtpd_files()->timeout, base::Seconds(1'000'000));
  control("timeoutsmtpd", "soon\n");
  EXPECT_EQ(load_smtpd_files()->timeout, base::Seconds(1200));
}

TEST_F(SmtpdSettings, WithoutANameThereIsNoServer) {
  EXPECT_EQ(load_smtpd_files().error().text, "unable to read controls (#4.3.0)");
  EXPECT_TRUE(load_qmtpd_files());
}

TEST_F(SmtpdSettings, EveryFileMustBeReadable) {
  control("me", "host.example\n");
  control("rcpthosts", "here.example\n");
  for (const char* name : {"smtpgreeting",       "localiphost",      "timeoutsmtpd",
                           "databytes",          "maxrcpt",          "badmailfrom",
                           "badmailfromnorelay", "badrcptto",        "badrcpttonorelay",
                           "badmailto",          "badmailtonorelay", "badhelo",
                           "badhelonorelay",     "qregex",           "brtlimit",
                           "tarpitcount",        "tarpitdelay",      "rejectnullsenders",
                           "morercpthosts.cdb",  "smtpdlog"}) {
    const std::string path = std::string("control/") + name;
    ASSERT_EQ(::symlink("loop", "control/loop"), 0);
    ASSERT_EQ(::symlink("loop", path.c_str()), 0);
    EXPECT_FALSE(load_smtpd_files()) << name;
    ASSERT_EQ(::unlink(path.c_str()), 0);
    ASSERT_EQ(::unlink("control/loop"), 0);
  }
  EXPECT_TRUE(load_smtpd_files());
  ASSERT_EQ(::unlink("control/me"), 0);
  make_unreadable("me");
  EXPECT_FALSE(load_qmtpd_files()) << "it is not used, but must be readable";
}

TEST_F(SmtpdSettings, AnEmptyEnvironment) {
  const SmtpdEnvironment environment = smtpd_environment();
  EXPECT_EQ(environment.client.peer.remote_ip, "unknown");
  EXPECT_EQ(environment.client.databytes, std::nullopt);
  EXPECT_EQ(environment.client.relay_suffix, std::nullopt);
  EXPECT_EQ(environment.ends.local_port, "");
  EXPECT_EQ(environment.ends.process, static_cast<std::uint64_t>(::getpid()));
  EXPECT_EQ(environment.login.wanted, std::nullopt);
  EXPECT_FALSE(environment.login.required || environment.login.in_clear);
  EXPECT_FALSE(environment.tls_required || environment.tls_forbidden);
}

TEST_F(SmtpdSettings, WhatTheEnvironmentSays) {
  ::setenv("TCPREMOTEIP", "192.0.2.1", 1);
  ::setenv("TCPREMOTEPORT", "4000", 1);
  ::setenv("TCPLOCALIP", "192.0.2.2", 1);
  ::setenv("TCPLOCALPORT", "25", 1);
  ::setenv("DATABYTES", "20k", 1);
  ::setenv("RELAYCLIENT", "@gate.example", 1);
  ::setenv("SMTPAUTH", "!cram", 1);
  const SmtpdEnvironment environment = smtpd_environment();
  EXPECT_EQ(environment.client.peer.remote_ip, "192.0.2.1");
  EXPECT_EQ(environment.client.databytes, 20U);
  EXPECT_EQ(environment.client.relay_suffix, "@gate.example");
  EXPECT_EQ(environment.ends.local_ip, "192.0.2.2");
  EXPECT_EQ(environment.ends.local_port, "25");
  EXPECT_EQ(environment.ends.remote_ip, "192.0.2.1");
  EXPECT_EQ(environment.ends.remote_port, "4000");
  EXPECT_EQ(environment.login.wanted, "!cram");
  ::setenv("DATABYTES", "none", 1);
  EXPECT_EQ(client_environment().databytes, 0U) << "no limit, whatever the file says";
}

TEST_F(SmtpdSettings, LimitsOfFilesAndEnvironment) {
  control("me", "host.example\n");
  control("brtlimit", "3\n");
  control("tarpitcount", "50\n");
  control("tarpitdelay", "2 s\n");
  control("rejectnullsenders", "1\n");
  const auto files = load_smtpd_files();
  ASSERT_TRUE(files);
  EXPECT_EQ(files->limits.max_bad_recipients, 3U);
  EXPECT_EQ(files->tarpit.count, 50U);
  EXPECT_EQ(files->tarpit.delay, base::Seconds(2));
  EXPECT_TRUE(files->null_senders_denied);
  EXPECT_FALSE(smtpd_environment().limits.max_recipients);
  ::setenv("MAXRECIPIENTS", "7", 1);
  ::setenv("BRTLIMIT", "", 1);
  ::setenv("TARPITCOUNT", "9x", 1);
  ::setenv("TARPITDELAY", "99999999999", 1);
  ::setenv("REJECTNULLSENDERS", "0", 1);
  LimitEnvironment limits = smtpd_environment().limits;
  EXPECT_EQ(limits.max_recipients, 7U);
  EXPECT_EQ(limits.max_bad_recipients, 0U);
  EXPECT_EQ(limits.tarpit_count, 9U);
  EXPECT_EQ(limits.tarpit_delay, base::Seconds(1'000'000));
  EXPECT_EQ(limits.null_senders_denied, false);
  ::setenv("DISABLE_MAXRCPT", "", 1);
  EXPECT_EQ(smtpd_environment().limits.max_recipients, 0U);
}

TEST_F(SmtpdSettings, DelayBeforeTheGreeting) {
  EXPECT_EQ(smtpd_environment().greet_delay.time, base::Seconds(0));
  ::setenv("GREETDELAY", "-5", 1);
  EXPECT_EQ(smtpd_environment().greet_delay.time, base::Seconds(5));
  EXPECT_TRUE(smtpd_environment().greet_delay.drops_early_talkers);
  ::setenv("SMTPD_GREETDELAY", "2", 1);
  EXPECT_EQ(smtpd_environment().greet_delay.time, base::Seconds(2));
  EXPECT_FALSE(smtpd_environment().greet_delay.drops_early_talkers);
  ::setenv("DROP_PRE_GREET", "0", 1);
  EXPECT_FALSE(smtpd_environment().greet_delay.drops_early_talkers);
  ::setenv("DROP_PRE_GREET", "1", 1);
  EXPECT_TRUE(smtpd_environment().greet_delay.drops_early_talkers);
  ::unsetenv("DROP_PRE_GREET");
  ::setenv("DROPRUSHGREET", "", 1);
  EXPECT_TRUE(smtpd_environment().greet_delay.drops_early_talkers);
}

TEST_F(SmtpdSettings, WishesForTls) {
  ::setenv("DISABLETLS", "1", 1);
  EXPECT_TRUE(smtpd_environment().tls_forbidden);
  ::setenv("DISABLETLS", "0", 1);
  EXPECT_FALSE(smtpd_environment().tls_forbidden);
  ::setenv("UCSPITLS", "-", 1);
  EXPECT_TRUE(smtpd_environment().tls_forbidden);
  ::setenv("UCSPITLS", "!", 1);
  EXPECT_TRUE(smtpd_environment().tls_required);
  EXPECT_FALSE(smtpd_environment().tls_forbidden);
  ::setenv("UCSPITLS", "", 1);
  EXPECT_FALSE(smtpd_environment().tls_required);
}

}  // namespace
}  // namespace reqmail::smtpd
