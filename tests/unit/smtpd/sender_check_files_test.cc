// The settings of the checks in the DNS from control files and environment.
#include "smtpd/sender_check_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/support/temporary_home.h"

namespace reqmail::smtpd {
namespace {

class SenderCheckFilesTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::mkdir("control", 0755), 0); }

  static void put(const std::string& name, const std::string& text) {
    reqmail::testing::put_file("control/" + name, text);
  }

  [[nodiscard]] SenderCheckFiles load() const {
    control::ControlFiles files;
    auto loaded = load_sender_check_files(files, switches_, environment_, needs_);
    EXPECT_TRUE(loaded);
    return loaded ? std::move(*loaded) : SenderCheckFiles();
  }

  reqmail::testing::TemporaryHome home_;
  SenderCheckSwitches switches_;
  SenderCheckEnvironment environment_;
  AuthenticationNeeds needs_;
};

TEST_F(SenderCheckFilesTest, NothingIsOnByDefault) {
  // These have no effect without a switch.
  put("spfrules", "a\n");
  put("dnsblfailclosed", "1\n");
  put("mailauthsocket", "/run/socket\n");
  const SenderCheckFiles files = load();
  EXPECT_FALSE(files.settings.domain || files.settings.spf || files.settings.lists);
  EXPECT_FALSE(files.settings.listed);
  EXPECT_EQ(files.spf_rules, "");
  EXPECT_EQ(files.judge.path, "");
  EXPECT_FALSE(files.errors_refuse);
}

TEST_F(SenderCheckFilesTest, MalformedRulesOfSpfAreLeftOutAndNamed) {
  switches_.spfbehavior = 1;
  put("spfrules", "ip4:host\n");
  put("spfguess", "a mx\n");
  const SenderCheckFiles files = load();
  EXPECT_EQ(files.spf_rules, "");
  EXPECT_EQ(files.spf_guess, "a mx");
  EXPECT_EQ(files.faults, std::vector<std::string>{
                              "control/spfrules: bad line: ip4:host (no mechanisms of SPF)"});
}

TEST_F(SenderCheckFilesTest, FilesOfEachSwitch) {
  switches_ = {1, 4};
  put("spfrules", "ip4:192.0.2.1\n");
  put("spfguess", "v=spf1 a\n");
  put("spfexp", "no\n");
  put("dnsbllist", "# comment\n-bl.example\nno zone\n+wl.example\n");
  put("dnsblfailclosed", "1\n");
  put("timeoutdns", "7\n");
  put("mailauthsocket", "/run/socket\n");
  const SenderCheckFiles files = load();
  EXPECT_TRUE(files.settings.domain && files.settings.spf && files.settings.lists);
  EXPECT_EQ(files.settings.spf_level, 4U);
  EXPECT_EQ(files.judge.path, "/run/socket");
  EXPECT_EQ(files.spf_rules, "ip4:192.0.2.1");
  EXPECT_EQ(files.spf_guess, "v=spf1 a");
  EXPECT_EQ(files.spf_explanation, "no");
  ASSERT_EQ(files.lists.size(), 2U);
  EXPECT_EQ(files.lists[1].zone, "wl.example");
  EXPECT_EQ(files.faults, std::vector<std::string>{
                              "control/dnsbllist: bad line: no zone (no zone of the DNS)"});
  EXPECT_TRUE(files.errors_refuse);
  EXPECT_EQ(files.limit, base::Seconds(7));
}

TEST_F(SenderCheckFilesTest, AVariableWinsOverItsFile) {
  switches_ = {1, 4};
  put("dnsbllist", "bl.example\n");
  reqmail::testing::put_file("other", "one.example\ntwo.example\n");
  environment_.mfcheck = "0";
  environment_.spfbehavior = "";
  environment_.dnsbllist = "other";
  environment_.dnsblfailclosed = "1";
  const SenderCheckFiles files = load();
  EXPECT_FALSE(files.settings.domain);
  EXPECT_FALSE(files.settings.spf);
  EXPECT_EQ(files.lists.size(), 2U);
  EXPECT_TRUE(files.errors_refuse);
  environment_.dnsblskip = true;
  EXPECT_FALSE(load().settings.lists);
  environment_.rblsmtpd = "-no";
  ASSERT_TRUE(load().settings.listed);
  EXPECT_EQ(load().settings.listed->word, proto::ListVerdict::Word::reject);
}

TEST_F(SenderCheckFilesTest, DmarcNeedsSpfThatRefusesNothing) {
  put("spfrules", "a\n");
  needs_ = {.spf = true, .lookups = true};
  const SenderCheckFiles files = load();
  EXPECT_TRUE(files.settings.spf);
  EXPECT_EQ(files.settings.spf_level, 0U);
  EXPECT_EQ(files.spf_rules, "a");
  EXPECT_EQ(files.limit, base::Seconds(20));
}

TEST_F(SenderCheckFilesTest, WhatCannotBeReadIsAFailure) {
  ASSERT_EQ(::mkdir("control/dnsbllist", 0755), 0);
  control::ControlFiles files;
  const auto loaded = load_sender_check_files(files, switches_, environment_, needs_);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().text, "unable to read controls (#4.3.0)");
}

}  // namespace
}  // namespace reqmail::smtpd
