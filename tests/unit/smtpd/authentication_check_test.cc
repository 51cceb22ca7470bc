// The authentication of a held message without a qmail-mailauth, and the lines for reports.
#include "smtpd/authentication_check.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>

#include "smtpd/dmarc_log.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::smtpd {
namespace {

using judge::DmarcMode;

class AuthenticationCheckTest : public ::testing::Test {
 protected:
  AuthenticationCheckTest() : senders_({}, "mx.example", "192.0.2.1") {
    files_.service = "mx.example";
  }

  // Returns the message as it would be queued, or the text of the refusal.
  std::string judged(const std::string& text, bool relaying = false,
                     const std::function<void(mail::HeaderText&)>& edit = nullptr) {
    proto::SmtpServerSettings settings;
    if (relaying) {
      settings.policy.relay_suffix = "";
    }
    const proto::SmtpServer session(settings);
    AuthenticationCheck check(files_, senders_, "192.0.2.1");
    interest_ = check.begin(session);
    HeldMessage message;
    message.take(text);
    check.take(text);
    message.end();
    if (edit) {
      edit(message.header());
    }
    proto::SmtpEnvelope envelope;
    const MessageVerdict verdict = check.judge(message, envelope);
    if (verdict.refusal) {
      return verdict.refusal->text;
    }
    findings_ = verdict.findings;
    std::string whole;
    EXPECT_TRUE(message.each([&](std::string_view piece) { whole.append(piece); }));
    return whole;
  }

  AuthenticationFiles files_;
  SenderChecks senders_;
  MessageInterest interest_ = MessageInterest::none;
  std::string findings_;
};

TEST_F(AuthenticationCheckTest, WithoutASwitchNoMessageIsHeld) {
  (void)judged("A: 1\n\nx\n");
  EXPECT_EQ(interest_, MessageInterest::none);
}

TEST_F(AuthenticationCheckTest, OurFieldReplacesForgedOnes) {
  files_.dkim = true;
  EXPECT_EQ(judged("A: 1\nAuthentication-Results: MX.example; dkim=pass\n"
                   "authentication-results : (x)\n \"mx.example\" 1; dkim=pass\n"
                   "Authentication-Results: other.example; dkim=pass\n"
                   "X-DMARC-Disposition: none\n\nx\n"),
            "Authentication-Results: mx.example; dkim=temperror\nA: 1\n"
            "Authentication-Results: other.example; dkim=pass\n"
            "X-DMARC-Disposition: none\n\nx\n");
  EXPECT_EQ(interest_, MessageInterest::held);
  EXPECT_EQ(findings_, " dkim=temperror arc=temperror");
  files_.dmarc = DmarcMode::reject;
  EXPECT_EQ(judged("X-DMARC-Disposition: none\n\nx\n"),
            "Authentication-Results: mx.example; dkim=temperror; dmarc=temperror\n\nx\n");
  EXPECT_EQ(findings_, " dkim=temperror arc=temperror dmarc=temperror");
}

TEST_F(AuthenticationCheckTest, WhatFiltersAddOrChangeStays) {
  files_.removes_forged = true;
  files_.dmarc = DmarcMode::none;
  const auto edit = [](mail::HeaderText& header) {
    EXPECT_TRUE(header.replace("Authentication-Results", 0,
                               "Authentication-Results: mx.example; x-scan=changed\n"));
    header.put_on_top("Authentication-Results: mx.example; x-scan=forged\n");
    header.put_on_top("X-DMARC-Disposition: filter\n");
  };
  EXPECT_EQ(judged("Authentication-Results: mx.example; dkim=pass\n"
                   "Authentication-Results: mx.example; x-scan=forged\n"
                   "X-DMARC-Disposition: none\nA: 1\n\nx\n",
                   true, edit),
            "X-DMARC-Disposition: filter\nAuthentication-Results: mx.example; x-scan=forged\n"
            "Authentication-Results: mx.example; x-scan=changed\nA: 1\n\nx\n");
}

TEST_F(AuthenticationCheckTest, WithKeysAloneMessagesAreCleaned) {
  files_.removes_forged = true;
  for (const bool relaying : {false, true}) {
    EXPECT_EQ(judged("Authentication-Results: mx.example; dkim=pass\nA: 1\n\nx\n", relaying),
              "A: 1\n\nx\n");
    EXPECT_EQ(interest_, MessageInterest::held);
  }
}

TEST_F(AuthenticationCheckTest, RelayingWithoutLoginIsOnlyCleaned) {
  files_.dkim = true;
  EXPECT_EQ(judged("Authentication-Results: mx.example; dkim=pass\nA: 1\n\nx\n", true),
            "A: 1\n\nx\n");
  EXPECT_EQ(findings_, "");
}

TEST_F(AuthenticationCheckTest, AFailedLookUpRefusesOnlyWhereItShall) {
  files_.dkim = true;
  files_.errors_refuse = true;
  EXPECT_TRUE(judged("A: 1\n\nx\n").ends_with("A: 1\n\nx\n"));
  files_.dmarc = DmarcMode::none;
  EXPECT_EQ(judged("A: 1\n\nx\n"), "DMARC lookup failure (#4.3.0)");
}

TEST(DmarcLog, IsWrittenWhereItsDirectoryIs) {
  const reqmail::testing::TemporaryHome home;
  append_dmarc_line("t=1 a=b\n");
  ASSERT_EQ(::mkdir("dmarc", 0750), 0);
  append_dmarc_line("");
  EXPECT_TRUE(reqmail::testing::names_in("dmarc").empty());
  append_dmarc_line("t=1 a=b\n");
  append_dmarc_line("t=2 a=b\n");
  const auto names = reqmail::testing::names_in("dmarc");
  ASSERT_EQ(names.size(), 1U);
  EXPECT_EQ(names[0].size(), 8U);
  EXPECT_EQ(reqmail::testing::content_of("dmarc/" + names[0]), "t=1 a=b\nt=2 a=b\n");
}

}  // namespace
}  // namespace reqmail::smtpd
