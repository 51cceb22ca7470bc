#include "survey/mini_host.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/unit/support/scratch.h"

namespace reqmail::survey {
namespace {

using tests::Scratch;

TEST(MiniHost, IsKnownByItsQueueProgram) {
  const Scratch home;
  home.put("bin/qmail-qmqpc", "client");
  EXPECT_FALSE(queues_elsewhere(home("")));
  std::filesystem::create_symlink("qmail-qmqpc", home("bin/qmail-queue"));
  EXPECT_TRUE(queues_elsewhere(home("")));
  EXPECT_TRUE(is_mini_host(home("")));
  std::filesystem::remove(home("bin/qmail-queue"));
  home.put("bin/qmail-queue", "client");
  EXPECT_TRUE(queues_elsewhere(home("")));
  home.put("bin/qmail-queue", "queue");
  EXPECT_FALSE(queues_elsewhere(home("")));
}

TEST(MiniHost, ListenersMakeItAnOrdinaryOne) {
  const Scratch home;
  home.put("bin/qmail-inject", "");
  EXPECT_FALSE(takes_mail_in(home("")));
  home.put("bin/qmail-smtpd", "");
  EXPECT_TRUE(takes_mail_in(home("")));
}

TEST(MiniHost, ServersAreNamed) {
  const Scratch home;
  home.put("control/qmqpservers", "192.0.2.1\nrelay.example\n2001:db8::1\n");
  const auto findings = check_mini_host(home(""), QueueFacts{});
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].severity, Severity::note);
  EXPECT_NE(findings[0].text.find("relay.example"), std::string::npos);
  EXPECT_NE(findings[1].text.find("QMQP to 192.0.2.1, 2001:db8::1"), std::string::npos);
  QueueFacts queue;
  queue.messages = 2;
  EXPECT_EQ(check_mini_host(home(""), queue).back().code, "mini-queue");
}

TEST(MiniHost, FilesThatItsProgramsDoNotReadAreHarmless) {
  Finding loss;
  loss.severity = Severity::loss;
  loss.subject = "/q/control/badrcptto";
  Finding read = loss;
  read.subject = "/q/control/me";
  const auto findings = check_mini_control("/q", {loss, read});
  EXPECT_EQ(findings[0].severity, Severity::harmless);
  EXPECT_EQ(findings[1].severity, Severity::loss);
  EXPECT_EQ(odd_queue_program("/q").severity, Severity::stop);
}

}  // namespace
}  // namespace reqmail::survey
