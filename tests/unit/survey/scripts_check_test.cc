#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "legacy/script_text.h"
#include "survey/listener_check.h"
#include "survey/patch_check.h"
#include "survey/rc_check.h"
#include "survey/script_check.h"
#include "survey/smtpd_accounts.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::survey {
namespace {

using tests::Scratch;

ServiceScript script(const std::string& path, const std::string& text) {
  ServiceScript made{path, text, legacy::read_script(text, false), {}};
  made.settings = made.facts.settings;
  return made;
}

constexpr const char* kAuthRun =
    "#!/bin/sh\nexec tcpserver -u 0 0 25 qmail-smtpd vchkpw true\n";

Services with(const std::string& text) {
  Services services;
  services.scripts.push_back(script("/s/run", text));
  return services;
}

const Finding* find(const std::vector<Finding>& findings, const std::string& code) {
  for (const Finding& finding : findings) {
    if (finding.code == code) {
      return &finding;
    }
  }
  return nullptr;
}

TEST(ListenerCheck, LoginsByArgumentsAloneNeedALine) {
  OldPrograms programs;
  programs.traits = {Trait::server_auth};
  const auto findings = check_listeners(with(kAuthRun), programs, Request{});
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings[0].severity, Severity::loss);
  ASSERT_FALSE(findings[0].conversions.empty());
  EXPECT_NE(findings[0].conversions[0].new_line.find("SMTPAUTH"), std::string::npos);
}

TEST(ListenerCheck, WithoutSuchAPatchThereIsNothingToSay) {
  EXPECT_TRUE(check_listeners(with(kAuthRun), OldPrograms{}, Request{}).empty());
}

TEST(ScriptCheck, ASmallMemoryLimitIsNamedWhereTlsIs) {
  const Scratch home;
  Request request;
  request.home = home("");
  const Services services =
      with("#!/bin/sh\nexec softlimit -m 2000000 tcpserver 0 25 qmail-smtpd\n");
  EXPECT_EQ(find(check_scripts(services, OldPrograms{}, request), "memory-limit"), nullptr);
  home.put("control/servercert.pem", "");
  const auto findings = check_scripts(services, OldPrograms{}, request);
  ASSERT_NE(find(findings, "memory-limit"), nullptr);
  EXPECT_EQ(find(findings, "memory-limit")->severity, Severity::note);
}

TEST(ScriptCheck, AProgramInFrontOfTheQueueMustBeNamed) {
  OldPrograms programs;
  programs.queue_program = "/q/bin/qmail-dk";
  const auto findings = check_scripts(Services{}, programs, Request{});
  ASSERT_NE(find(findings, "queue-program"), nullptr);
  EXPECT_EQ(find(findings, "queue-program")->severity, Severity::loss);
}

TEST(PatchCheck, WhatNoFileShowsIsNamed) {
  const Scratch home;
  OldPrograms programs;
  EXPECT_TRUE(check_patches(home(""), programs, Services{}).empty());
  programs.patches = {"SMTPUTF8"};
  programs.traits = {Trait::sagredo};
  const auto findings = check_patches(home(""), programs, Services{});
  EXPECT_NE(find(findings, "smtputf8"), nullptr);
  EXPECT_EQ(find(findings, "client-address")->severity, Severity::loss);
}

TEST(RcCheck, AnotherDefaultDeliveryStops) {
  const ServiceScript rc =
      script("/q/rc", "#!/bin/sh\nexec qmail-start ./Mailbox splogger qmail\n");
  EXPECT_TRUE(compare_rc("/q/rc", rc, {"./Mailbox", "splogger qmail"}).empty());
  EXPECT_EQ(compare_rc("/q/rc", rc, {"./Maildir/", "splogger qmail"}).at(0).severity,
            Severity::stop);
  EXPECT_EQ(compare_rc("/q/rc", rc, {"./Mailbox", "cat"}).size(), 1U);
  const ServiceScript computed = script("/q/rc", "#!/bin/sh\nexec qmail-start \"$DELIVERY\"\n");
  EXPECT_TRUE(compare_rc("/q/rc", computed, {"./Maildir/", ""}).empty());
}

TEST(RcCheck, AnotherEnvironmentStops) {
  const ServiceScript rc = script(
      "/q/rc", "#!/bin/sh\nQMAILQUEUE=/x; export QMAILQUEUE\nexec qmail-start ./Mailbox\n");
  const auto none = [](std::string_view) { return std::optional<std::string>(); };
  const auto same = [](std::string_view name) {
    return name == "QMAILQUEUE" ? std::optional<std::string>("/x") : std::nullopt;
  };
  EXPECT_TRUE(compare_rc_variables("/q/rc", rc, same, none).empty());
  EXPECT_EQ(compare_rc_variables("/q/rc", rc, none, none).at(0).code, "rc-variable");
}

TEST(RcCheck, WhereNothingRunsThereIsNothingToCompare) {
  EXPECT_TRUE(check_rc("/q", DaemonFacts{}, Services{}).empty());
}

TEST(SmtpdAccounts, AreThoseOfTheScripts) {
  EXPECT_EQ(smtpd_accounts(Services{}).at(0).account, "qmaild");
  const auto accounts = smtpd_accounts(with(kAuthRun));
  ASSERT_EQ(accounts.size(), 1U);
  EXPECT_EQ(accounts[0].account, "root");
}

}  // namespace
}  // namespace reqmail::survey
