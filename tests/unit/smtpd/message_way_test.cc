// The way of a message into a queue program, and the questions of the state machines.
#include "smtpd/message_way.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "smtpd/outside.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/stream.h"
#include "tests/unit/support/private_host.h"

namespace reqmail::smtpd {
namespace {

// The queue program stores the message; it fails if it gets no envelope.
class MessageWayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!tests::enter_private_home()) {
      GTEST_SKIP() << "no private mounts here";
    }
    const std::string program = path_ + ".program";
    sys::Fd file(::open(program.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0700));
    ASSERT_TRUE(sys::write_all(file.get(), "#!/bin/sh\nexec 3<&1\ncat >" + path_ +
                                               "\ntest -n \"$(cat <&3 | tr -d '\\0')\"\n"));
    file.close();
    ::setenv("QMAILQUEUE", program.c_str(), 1);
  }

  void TearDown() override {
    (void)::unlink(path_.c_str());
    (void)::unlink((path_ + ".program").c_str());
    ::unsetenv("QMAILQUEUE");
  }

  std::string kept() {
    const auto text = sys::read_file(path_, 1 << 20);
    return text ? *text : std::string("(none)");
  }

  std::string path_ = "/tmp/message_way." + std::to_string(::getpid());
  sys::Patience patience_;
  sys::LeastRate rate_;
};

TEST_F(MessageWayTest, NoFoldedLineContinuesFieldsOnTop) {
  for (const auto& [message, stored] : {std::pair{" more\n\nbody\n", "X: y\n\n more\n\nbody\n"},
                                        {"A: b\n more\n", "X: y\nA: b\n more\n"}}) {
    auto queue = submit::Injector::start();
    ASSERT_TRUE(queue.has_value());
    MessageWay way(std::move(*queue), MessageWay::Hops::counted, 0, patience_, rate_);
    way.fields_on_top("X: y\n");
    way.take("");
    way.take(std::string_view(message).substr(0, 1));
    way.take(std::string_view(message).substr(1));
    way.queue().sender("");
    way.queue().recipient("a@b");
    EXPECT_TRUE(way.queue().finish());
    EXPECT_EQ(kept(), stored);
  }
}

TEST_F(MessageWayTest, TraceFieldsComeFirstAndDoNotCount) {
  auto queue = submit::Injector::start();
  ASSERT_TRUE(queue.has_value());
  MessageWay way(std::move(*queue), MessageWay::Hops::counted, 6, patience_, rate_);
  way.trace("Received: here\n");
  way.take("body");
  way.take("s\n");
  EXPECT_EQ(way.facts().size, 6U);
  EXPECT_FALSE(way.facts().too_many_hops);
  way.queue().sender("a@b");
  way.queue().recipient("c@d");
  EXPECT_TRUE(way.queue().finish().has_value());
  EXPECT_EQ(kept(), "Received: here\nbodys\n");
}

TEST_F(MessageWayTest, WhatIsTooLargeIsMeasuredButNotQueued) {
  auto queue = submit::Injector::start();
  ASSERT_TRUE(queue.has_value());
  MessageWay way(std::move(*queue), MessageWay::Hops::ignored, 6, patience_, rate_);
  way.take("bodies\n");
  way.take("more\n");
  EXPECT_EQ(way.facts().size, 12U);
  way.queue().sender("a@b");
  EXPECT_FALSE(way.queue().finish().has_value());
  EXPECT_EQ(kept(), "");
}

TEST_F(MessageWayTest, HopsAreCountedWhereTheyMatter) {
  std::string header;
  for (int i = 0; i < 100; ++i) {
    header += "Received: x\n";
  }
  for (const auto hops : {MessageWay::Hops::counted, MessageWay::Hops::ignored}) {
    auto queue = submit::Injector::start();
    ASSERT_TRUE(queue.has_value());
    MessageWay way(std::move(*queue), hops, 0, patience_, rate_);
    way.take(header);
    EXPECT_EQ(way.facts().too_many_hops, hops == MessageWay::Hops::counted);
    EXPECT_EQ(way.facts().size, header.size());
  }
}

TEST(Outside, AnswersWhatIsAsked) {
  Outside outside;
  proto::Question question;
  question.address = *base::IpAddress::parse("127.0.0.1");
  EXPECT_TRUE(outside.answer(question)->yes);
  question.address = *base::IpAddress::parse("192.0.2.1");
  EXPECT_FALSE(outside.answer(question)->yes);
  question.about = proto::Question::About::listed_domain;
  question.domain = "any.example";
  EXPECT_TRUE(outside.answer(question)->yes);
  question.about = proto::Question::About::random_word;
  const auto first = outside.answer(question);
  EXPECT_EQ(first->word.size(), 32U);
  EXPECT_EQ(first->word.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(first->word, outside.answer(question)->word);
}

TEST(Outside, JudgesAPhaseToItsEnd) {
  Outside outside;
  proto::MailPolicySettings settings;
  settings.max_recipients = 1;
  proto::MailPolicy policy(settings, proto::smtp_checks());
  proto::PolicyFacts facts;
  facts.recipient = "u@far.example";
  EXPECT_FALSE(judge(policy, proto::PolicyPhase::rcpt, facts, outside).has_value());
  facts.recipients = 1;
  const auto refused = judge(policy, proto::PolicyPhase::rcpt, facts, outside);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->kind, proto::RefusalKind::too_many_recipients);
}

}  // namespace
}  // namespace reqmail::smtpd
