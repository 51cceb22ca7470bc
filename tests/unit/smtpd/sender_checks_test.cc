// The checks of one session without a qmail-mailauth.
#include "smtpd/sender_checks.h"

#include <gtest/gtest.h>

#include <utility>

namespace reqmail::smtpd {
namespace {

proto::Question about(std::string sender) {
  return {.about = proto::Question::About::sender,
          .mailbox = std::move(sender),
          .helo = "h.example"};
}

SenderCheckFiles everything() {
  SenderCheckFiles files;
  files.settings.domain = files.settings.spf = files.settings.lists = true;
  files.settings.spf_level = 6;
  files.lists = {*proto::parse_dns_list("-bl.example")};
  files.errors_refuse = true;
  return files;
}

TEST(SenderChecks, LookUpsThatFailAreSaidToHaveFailed) {
  SenderChecks checks(everything(), "mx.example", "192.0.2.1");
  const auto findings = checks.answer(about("a@b.example"));
  EXPECT_EQ(findings.domain, mail::SenderDomain::unknown);
  EXPECT_EQ(findings.spf, mail::SpfWord::temperror);
  EXPECT_EQ(findings.lists.word, proto::ListVerdict::Word::delay);
  EXPECT_EQ(checks.fields(), "");
  sys::Environment environment;
  checks.set_variables(environment);
  EXPECT_EQ(environment.get("SPFRESULT"), "temperror");
  EXPECT_EQ(environment.get("RBLRESULT"), "delay");
}

TEST(SenderChecks, SendersWithoutADomainNameExist) {
  SenderChecks checks(everything(), "mx.example", "192.0.2.1");
  for (const char* sender : {"", "root", "x@[192.0.2.1]"}) {
    EXPECT_EQ(checks.answer(about(sender)).domain, mail::SenderDomain::exists) << sender;
  }
}

TEST(SenderChecks, AClientWithoutAddressIsNotLookedUp) {
  const SenderChecks checks(everything(), "mx.example", "unknown");
  EXPECT_TRUE(checks.settings().domain);
  EXPECT_FALSE(checks.settings().spf);
  EXPECT_EQ(checks.settings().spf_level, 0U);
  EXPECT_FALSE(checks.settings().lists);
}

TEST(SenderChecks, SpfForDmarcAloneIsNotShown) {
  SenderCheckFiles files = everything();
  files.settings.spf_level = 0;
  SenderChecks checks(std::move(files), "mx.example", "192.0.2.1");
  EXPECT_TRUE(checks.checks_spf());
  (void)checks.answer(about("a@b.example"));
  EXPECT_EQ(checks.spf_text(), "spf=temperror");
  EXPECT_EQ(checks.spf_word(), "temperror");
  sys::Environment environment;
  checks.set_variables(environment);
  EXPECT_FALSE(environment.get("SPFRESULT"));
}

TEST(SenderChecks, WithoutAQuestionThereIsNothingToSay) {
  const SenderChecks checks(everything(), "mx.example", "192.0.2.1");
  sys::Environment environment;
  checks.set_variables(environment);
  EXPECT_TRUE(environment.strings().empty());
  SenderCheckFiles files;
  files.settings.listed = proto::verdict_of_variable("");
  const SenderChecks welcome(std::move(files), "mx.example", "192.0.2.1");
  welcome.set_variables(environment);
  EXPECT_EQ(environment.get("RBLRESULT"), "accept");
}

}  // namespace
}  // namespace reqmail::smtpd
