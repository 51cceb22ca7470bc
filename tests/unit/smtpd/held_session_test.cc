// Sessions whose messages are held: when the queue program starts, what it gets, and what the
// client is told.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <filesystem>
#include <functional>
#include <string>

#include "smtpd/message_check.h"
#include "smtpd/smtp_session.h"
#include "sys/fd.h"
#include "sys/stream.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::smtpd {
namespace {

class OneCheck final : public MessageCheck {
 public:
  MessageInterest begin(const proto::SmtpServer& /*session*/) override { return interest; }

  void take(std::string_view block) override { seen += block; }

  MessageVerdict judge(HeldMessage& message, proto::SmtpEnvelope& envelope) override {
    return judge_with ? judge_with(message, envelope) : MessageVerdict();
  }

  void abandon() override { ++abandoned; }

  MessageInterest interest = MessageInterest::held;
  std::string seen;
  int abandoned = 0;
  std::function<MessageVerdict(HeldMessage&, proto::SmtpEnvelope&)> judge_with;
};

class HeldSession : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string program =
        scratch_.put("queue", "#!/bin/sh\nexec 3<&1\ncat >" + scratch_("message") +
                                  "\ntr '\\0' ' ' <&3 >" + scratch_("envelope") + "\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    ::setenv("QMAILQUEUE", program.c_str(), 1);
  }

  void TearDown() override { ::unsetenv("QMAILQUEUE"); }

  // Sends one message after MAIL and RCPT; returns the last reply of the session.
  std::string last_reply(const std::string& message, std::uint64_t databytes = 0) {
    auto ends = sys::make_socket_pair();
    const std::string client_says =
        "HELO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n" + message;
    EXPECT_TRUE(sys::write_all(ends->other.get(), client_says));
    sys::end_writing(ends->other.get());
    SmtpdFiles files;
    files.greeting = "mx.example";
    files.timeout = base::Seconds(60);
    files.limits.databytes = databytes;
    const auto tls = smtpd_tls_elsewhere({}, true);
    sys::DescriptorConnection connection(ends->one.get(), ends->one.get());
    sys::Reader input(connection);
    sys::Writer output(connection);
    SenderChecks senders({}, "mx.example", "");
    SmtpSession session(files, {}, {}, senders, input, output, *tls);
    session.add_check(check_);
    (void)session.run(SmtpBegin::greeting);
    ends->one.close();
    std::string replies = *sys::read_all(ends->other.get(), 8192);
    replies.resize(replies.size() - 2);
    return replies.substr(replies.rfind('\n') + 1);
  }

  tests::Scratch scratch_;
  OneCheck check_;
};

TEST_F(HeldSession, TheQueueProgramGetsWhatTheChecksMadeOfIt) {
  check_.judge_with = [this](HeldMessage& message, proto::SmtpEnvelope& envelope) {
    EXPECT_FALSE(scratch_.has("message"));
    message.header().put_on_top("X-Top: 1\n");
    envelope.sender = "x@y";
    envelope.recipients += std::string_view("e@f\0", 4);
    return MessageVerdict();
  };
  EXPECT_TRUE(last_reply("A: 1\r\n\r\n..body\r\n.\r\n").starts_with("250 ok "));
  EXPECT_EQ(check_.seen, "A: 1\n\n.body\n");
  const std::string message = scratch_.get("message");
  EXPECT_TRUE(message.starts_with("Received: "));
  EXPECT_TRUE(message.ends_with("-0000\nX-Top: 1\nA: 1\n\n.body\n"));
  EXPECT_EQ(scratch_.get("envelope"), "Fx@y Tc@d Te@f  ");
  EXPECT_EQ(check_.abandoned, 0);
}

TEST_F(HeldSession, ARefusalStartsNoQueueProgram) {
  check_.judge_with = [](HeldMessage&, proto::SmtpEnvelope&) {
    return MessageVerdict{.refusal =
                              proto::Refusal{proto::RefusalKind::malformed, 550, "no", "x"}};
  };
  EXPECT_EQ(last_reply("A: 1\r\n.\r\n"), "550 no");
  EXPECT_FALSE(scratch_.has("message"));
}

TEST_F(HeldSession, ADiscardedMessageIsAnsweredAsIfItWereQueued) {
  check_.judge_with = [](HeldMessage&, proto::SmtpEnvelope& envelope) {
    envelope.recipients.clear();
    return MessageVerdict();
  };
  EXPECT_EQ(last_reply("A: 1\r\n.\r\n"), "250 ok");
  check_.judge_with = [](HeldMessage&, proto::SmtpEnvelope&) {
    return MessageVerdict{.discarded = true};
  };
  EXPECT_EQ(last_reply("A: 1\r\n.\r\n"), "250 ok");
  EXPECT_FALSE(scratch_.has("message"));
}

TEST_F(HeldSession, WhatIsTooLargeIsNotJudged) {
  EXPECT_EQ(last_reply("A: 1\r\n\r\nbody\r\n.\r\n", 5),
            "552 sorry, that message size exceeds my databytes limit (#5.3.4)");
  EXPECT_EQ(check_.abandoned, 1);
}

TEST_F(HeldSession, AClientThatGoesLeavesNothing) {
  EXPECT_EQ(last_reply("A: 1\r\n\r\nhalf"), "354 go ahead");
  EXPECT_EQ(check_.abandoned, 1);
  EXPECT_TRUE(last_reply("A: 1\r\n\r\nbare\nfeed\r\n.\r\n").starts_with("451 See "));
  EXPECT_EQ(check_.abandoned, 2);
  EXPECT_FALSE(scratch_.has("message"));
}

TEST_F(HeldSession, ABodyThatWasLostIsNotQueued) {
  check_.judge_with = [](HeldMessage& message, proto::SmtpEnvelope&) {
    HeldBytes body(0);
    // No descriptor is available for a file.
    rlimit before = {};
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none = {0, before.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    body.append("x\n");
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_TRUE(body.failed());
    message.replace_body(std::move(body));
    return MessageVerdict();
  };
  EXPECT_EQ(last_reply("A: 1\r\n.\r\n"), "451 unable to hold message (#4.3.0)");
  EXPECT_FALSE(scratch_.has("message"));
}

TEST_F(HeldSession, WithoutAWishTheMessageIsStreamed) {
  for (const auto interest : {MessageInterest::none, MessageInterest::if_held}) {
    check_.interest = interest;
    EXPECT_TRUE(last_reply("A: 1\r\n\r\nbody\r\n.\r\n").starts_with("250 ok "));
    EXPECT_EQ(check_.seen, "");
    EXPECT_TRUE(scratch_.get("message").ends_with("-0000\nA: 1\n\nbody\n"));
  }
}

}  // namespace
}  // namespace reqmail::smtpd
