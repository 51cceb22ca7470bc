// When qmailq gets a message, and what its client makes of its answers.
#include "submit/resident_queue.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "config.h"
#include "mail/queue_service.h"
#include "sys/clock.h"
#include "sys/descriptor_io.h"
#include "sys/local_socket.h"
#include "sys/packets.h"
#include "tests/unit/support/scripted_qmailq.h"

namespace reqmail::submit {
namespace {

using namespace std::string_literals;

using testing::ScriptedQmailq;

class ResidentQueueTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!ScriptedQmailq::make_home()) {
      GTEST_SKIP() << "no private mounts here";
    }
  }

  void TearDown() override {
    ::unsetenv("QMAILQUEUE");
    ::unsetenv("QMAILDSN");
  }

  // Waits for a greeting as a main loop does.
  static ResidentQueue::Greeting greeting_of(ResidentQueue& queue) {
    for (;;) {
      const auto greeting = queue.look_for_greeting();
      if (greeting != ResidentQueue::Greeting::awaited) {
        return greeting;
      }
      EXPECT_TRUE(sys::wait_readable(queue.fd(), std::chrono::seconds(10)));
    }
  }

  ScriptedQmailq qmailq_;
};

TEST_F(ResidentQueueTest, NeedNotBeAwaited) {
  const std::string text(mail::kQueuePieceMax, 'x');
  qmailq_.serve([&text](const sys::Fd& client) {
    ScriptedQmailq::await_opening(client);
    ScriptedQmailq::greet(client);
    const bool opened = ScriptedQmailq::next(client).starts_with("o");
    const bool whole = ScriptedQmailq::next(client) == "m" + text &&
                       ScriptedQmailq::next(client) == "M" &&
                       ScriptedQmailq::next(client) == "eF\0Tr\0\0"s;
    (void)sys::send_packet(client.get(), mail::queue_result(0));
    return opened && whole && ScriptedQmailq::next(client) == "<end>" ? 0 : 1;
  });
  auto queue = ResidentQueue::begin(std::nullopt);
  ASSERT_TRUE(queue);
  ASSERT_EQ(greeting_of(*queue), ResidentQueue::Greeting::come);
  EXPECT_EQ(queue->number(), 77U);
  EXPECT_TRUE(queue->try_message(text, false));
  EXPECT_TRUE(queue->try_message("", true));
  EXPECT_TRUE(queue->try_envelope("F\0Tr\0\0"s));
  queue->end();
  auto end = queue->look_for_result();
  while (!end) {
    ASSERT_TRUE(sys::wait_readable(queue->fd(), std::chrono::seconds(10)));
    end = queue->look_for_result();
  }
  EXPECT_TRUE(end->success());
  EXPECT_EQ(qmailq_.result(), 0);
}

TEST_F(ResidentQueueTest, ASlowOneIsNotWaitedFor) {
  qmailq_.serve([](const sys::Fd& client) {
    ScriptedQmailq::await_opening(client);
    ScriptedQmailq::greet(client);
    // It reads nothing until the client has given up.
    for (;;) {
      const std::string packet = ScriptedQmailq::next(client);
      if (packet == "Mlast") {
        return 0;
      }
      sys::pause_for(std::chrono::milliseconds(1));
    }
  });
  auto queue = ResidentQueue::begin(std::nullopt);
  ASSERT_TRUE(queue);
  ASSERT_EQ(greeting_of(*queue), ResidentQueue::Greeting::come);
  EXPECT_FALSE(queue->look_for_result());
  const std::string piece(mail::kQueuePieceMax, 'x');
  Result<void> sent;
  for (int pieces = 0; pieces < 10'000 && sent; ++pieces) {
    sent = queue->try_message(piece, false);
  }
  EXPECT_EQ(sent.error().error, EAGAIN);
  EXPECT_TRUE(queue->message("last", true));
  EXPECT_EQ(qmailq_.result(), 0);
}

TEST_F(ResidentQueueTest, ARefusalIsSeen) {
  qmailq_.serve([](const sys::Fd& client) {
    ScriptedQmailq::await_opening(client);
    (void)sys::send_packet(client.get(), mail::queue_greeting({77, "another program"}));
    return 0;
  });
  auto queue = ResidentQueue::begin(std::nullopt);
  ASSERT_TRUE(queue);
  EXPECT_EQ(greeting_of(*queue), ResidentQueue::Greeting::refused);
  EXPECT_EQ(qmailq_.result(), 0);
}

TEST_F(ResidentQueueTest, SendsMessageAndEnvelope) {
  ::setenv("QMAILDSN", "RET=HDRS\n", 1);
  const std::string text(mail::kQueuePieceMax + 5, 'x');
  qmailq_.serve([&text](const sys::Fd& client) {
    const auto opening = mail::parse_queue_opening(ScriptedQmailq::next(client));
    const bool opened =
        opening && opening->release == config::kVersion && opening->wishes == "RET=HDRS\n";
    ScriptedQmailq::greet(client);
    const bool whole =
        ScriptedQmailq::next(client) == "mhead" &&
        ScriptedQmailq::next(client) == "m" + text.substr(0, mail::kQueuePieceMax) &&
        ScriptedQmailq::next(client) == "Mxxxxx" && ScriptedQmailq::next(client) == "eF\0"s;
    const bool more = ScriptedQmailq::next(client) == "e\0"s;
    (void)sys::send_packet(client.get(), mail::queue_result(0));
    return opened && whole && more && ScriptedQmailq::next(client) == "<end>" ? 0 : 1;
  });
  auto queue = ResidentQueue::open(std::nullopt);
  ASSERT_TRUE(queue);
  EXPECT_EQ(queue->number(), 77U);
  EXPECT_TRUE(queue->message("head", false));
  EXPECT_TRUE(queue->message(text, true));
  EXPECT_TRUE(queue->envelope("F\0"s));
  EXPECT_TRUE(queue->envelope("\0"s));
  EXPECT_TRUE(queue->finish().success());
  EXPECT_EQ(qmailq_.result(), 0);
}

TEST_F(ResidentQueueTest, AGivenEnvironmentReplacesTheOwn) {
  ::setenv("QMAILDSN", "RET=HDRS\n", 1);
  for (const bool said : {false, true}) {
    qmailq_.serve([said](const sys::Fd& client) {
      const auto opening = mail::parse_queue_opening(ScriptedQmailq::next(client));
      return opening && opening->wishes == (said ? "RET=FULL\n" : "") ? 0 : 1;
    });
    std::vector<std::string> environment = {"A=b"};
    if (said) {
      environment.emplace_back("QMAILDSN=RET=FULL\n");
    }
    EXPECT_FALSE(ResidentQueue::open(environment));
    EXPECT_EQ(qmailq_.result(), 0);
  }
}

TEST_F(ResidentQueueTest, GivesTheCodeOfTheResult) {
  for (const int code : {53, 11, 54}) {
    qmailq_.serve([code](const sys::Fd& client) {
      ScriptedQmailq::await_opening(client);
      ScriptedQmailq::greet(client);
      (void)sys::send_packet(client.get(), mail::queue_result(code));
      return 0;
    });
    auto queue = ResidentQueue::open(std::nullopt);
    ASSERT_TRUE(queue);
    EXPECT_EQ(qmailq_.result(), 0);
    // The other end has gone, with something of ours unread.
    EXPECT_FALSE(queue->message("x", false));
    const auto end = queue->finish();
    EXPECT_FALSE(end.crashed);
    EXPECT_EQ(end.code, code);
  }
}

TEST_F(ResidentQueueTest, OneThatGoesIsLikeAProgramThatWasKilled) {
  for (const std::string answer : {"", "r999", "nonsense"}) {
    qmailq_.serve([&answer](const sys::Fd& client) {
      ScriptedQmailq::await_opening(client);
      ScriptedQmailq::greet(client);
      if (!answer.empty()) {
        (void)sys::send_packet(client.get(), answer);
      }
      return 0;
    });
    auto queue = ResidentQueue::open(std::nullopt);
    ASSERT_TRUE(queue);
    EXPECT_EQ(qmailq_.result(), 0);
    EXPECT_TRUE(queue->finish().crashed) << answer;
  }
}

TEST_F(ResidentQueueTest, TheProgramIsExecutedWhereNobodyAnswersRightly) {
  EXPECT_FALSE(ResidentQueue::open(std::nullopt));
  const std::vector<std::string> answers = {
      "", "nonsense", mail::queue_greeting({77, "another program"}), mail::queue_result(0)};
  for (const std::string& answer : answers) {
    qmailq_.serve([&answer](const sys::Fd& client) {
      if (!answer.empty()) {
        (void)sys::send_packet(client.get(), answer);
      }
      return 0;
    });
    EXPECT_FALSE(ResidentQueue::open(std::nullopt)) << answer;
    EXPECT_EQ(qmailq_.result(), 0);
  }
}

TEST_F(ResidentQueueTest, OneThatDoesNotAnswerIsNotAwaitedLong) {
  qmailq_.serve([](const sys::Fd& client) {
    return ScriptedQmailq::next(client) + ScriptedQmailq::next(client) == "<end>" ? 1 : 0;
  });
  const auto before = sys::monotonic();
  EXPECT_FALSE(ResidentQueue::open(std::nullopt));
  const auto taken = sys::monotonic() - before;
  EXPECT_GE(taken, std::chrono::milliseconds(900));
  EXPECT_LT(taken, std::chrono::milliseconds(9000));
  EXPECT_EQ(qmailq_.result(), 0);
}

TEST_F(ResidentQueueTest, NobodyIsAskedIfSomethingElseIsWanted) {
  auto listener = sys::listen_at(ScriptedQmailq::socket_path(), {::getuid(), ::getgid()}, 0600);
  ASSERT_TRUE(listener);
  for (const char* chosen : {"bin/qmail-queue", ""}) {
    ::setenv("QMAILQUEUE", chosen, 1);
    EXPECT_FALSE(ResidentQueue::open(std::nullopt));
  }
  ::unsetenv("QMAILQUEUE");
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit limit = before;
  limit.rlim_cur = 1'000'000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  EXPECT_FALSE(ResidentQueue::open(std::nullopt));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(sys::take_connection(listener->get()).error().error, EAGAIN);
}

}  // namespace
}  // namespace reqmail::submit
