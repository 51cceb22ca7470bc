// When qmailq gets a message, and what its client makes of its answers.
#include "submit/resident_queue.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config.h"
#include "mail/queue_service.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/file_version.h"
#include "sys/local_socket.h"
#include "sys/packets.h"
#include "sys/poller.h"
#include "sys/process.h"
#include "tests/unit/support/private_host.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::submit {
namespace {

using namespace std::string_literals;

const std::string kHome(config::kHome);

// Returns the next packet; "<end>" if the client has no more to say.
std::string next(const sys::Fd& socket) {
  for (;;) {
    auto packet = sys::receive_packet(socket.get(), 200'000);
    if (packet) {
      return *packet ? (*packet)->bytes : "<end>";
    }
    if (packet.error().error != EAGAIN) {
      return "<error>";
    }
    sys::pause_for(std::chrono::milliseconds(1));
  }
}

std::string program_text() {
  return sys::to_text(
      sys::file_version(kHome + "/bin/qmail-queue").value_or(sys::FileVersion()));
}

// Leaves the packet that opens the message unread. One that is gone before it has come is one
// that nobody reached.
void await_opening(const sys::Fd& socket) {
  sys::Poller poller;
  (void)poller.watch_read(socket.get());
  EXPECT_TRUE(poller.wait());
}

void greet(const sys::Fd& socket) {
  EXPECT_TRUE(sys::send_packet(socket.get(), mail::queue_greeting({77, program_text()})));
}

bool is_private() {
  static const bool made = tests::enter_private_home();
  return made;
}

class ResidentQueueTest : public ::testing::Test {
 protected:
  using Script = std::function<int(const sys::Fd&)>;

  void SetUp() override {
    if (!is_private()) {
      GTEST_SKIP() << "no private mounts here";
    }
    (void)::mkdir((kHome + "/bin").c_str(), 0755);
    testing::put_file(kHome + "/bin/qmail-queue", "the program", 0755);
  }

  void TearDown() override {
    ::unsetenv("QMAILQUEUE");
    ::unsetenv("QMAILDSN");
    (void)::unlink((kHome + "/qmailq").c_str());
  }

  // Another process has this conversation with the next client. Its result is that of
  // result().
  void serve(const Script& script) {
    auto listener =
        sys::listen_at(kHome + std::string(mail::kQueueSocket), {::getuid(), ::getgid()}, 0600);
    ASSERT_TRUE(listener);
    sys::ChildSpec spec;
    spec.descriptors = {{listener->get(), 0}};
    spec.work = [script] {
      for (;;) {
        const auto client = sys::take_connection(0);
        if (client) {
          return script(*client);
        }
        sys::pause_for(std::chrono::milliseconds(1));
      }
    };
    auto child = sys::spawn(spec);
    ASSERT_TRUE(child);
    child_ = std::move(*child);
  }

  int result() {
    const auto end = child_.wait();
    return end && !end->crashed ? end->code : -1;
  }

  sys::Child child_;
};

TEST_F(ResidentQueueTest, SendsMessageAndEnvelope) {
  ::setenv("QMAILDSN", "RET=HDRS\n", 1);
  const std::string text(mail::kQueuePieceMax + 5, 'x');
  serve([&text](const sys::Fd& client) {
    const auto opening = mail::parse_queue_opening(next(client));
    const bool opened =
        opening && opening->release == config::kVersion && opening->wishes == "RET=HDRS\n";
    greet(client);
    const bool whole = next(client) == "mhead" &&
                       next(client) == "m" + text.substr(0, mail::kQueuePieceMax) &&
                       next(client) == "Mxxxxx" && next(client) == "eF\0"s;
    const bool more = next(client) == "e\0"s;
    (void)sys::send_packet(client.get(), mail::queue_result(0));
    return opened && whole && more && next(client) == "<end>" ? 0 : 1;
  });
  auto queue = ResidentQueue::open(std::nullopt);
  ASSERT_TRUE(queue);
  EXPECT_EQ(queue->number(), 77U);
  EXPECT_TRUE(queue->message("head", false));
  EXPECT_TRUE(queue->message(text, true));
  EXPECT_TRUE(queue->envelope("F\0"s));
  EXPECT_TRUE(queue->envelope("\0"s));
  EXPECT_TRUE(queue->finish().success());
  EXPECT_EQ(result(), 0);
}

TEST_F(ResidentQueueTest, AGivenEnvironmentReplacesTheOwn) {
  ::setenv("QMAILDSN", "RET=HDRS\n", 1);
  for (const bool said : {false, true}) {
    serve([said](const sys::Fd& client) {
      const auto opening = mail::parse_queue_opening(next(client));
      return opening && opening->wishes == (said ? "RET=FULL\n" : "") ? 0 : 1;
    });
    std::vector<std::string> environment = {"A=b"};
    if (said) {
      environment.emplace_back("QMAILDSN=RET=FULL\n");
    }
    EXPECT_FALSE(ResidentQueue::open(environment));
    EXPECT_EQ(result(), 0);
  }
}

TEST_F(ResidentQueueTest, GivesTheCodeOfTheResult) {
  for (const int code : {53, 11, 54}) {
    serve([code](const sys::Fd& client) {
      await_opening(client);
      greet(client);
      (void)sys::send_packet(client.get(), mail::queue_result(code));
      return 0;
    });
    auto queue = ResidentQueue::open(std::nullopt);
    ASSERT_TRUE(queue);
    EXPECT_EQ(result(), 0);
    // The other end has gone, with something of ours unread.
    EXPECT_FALSE(queue->message("x", false));
    const auto end = queue->finish();
    EXPECT_FALSE(end.crashed);
    EXPECT_EQ(end.code, code);
  }
}

TEST_F(ResidentQueueTest, OneThatGoesIsLikeAProgramThatWasKilled) {
  for (const std::string answer : {"", "r999", "nonsense"}) {
    serve([&answer](const sys::Fd& client) {
      await_opening(client);
      greet(client);
      if (!answer.empty()) {
        (void)sys::send_packet(client.get(), answer);
      }
      return 0;
    });
    auto queue = ResidentQueue::open(std::nullopt);
    ASSERT_TRUE(queue);
    EXPECT_EQ(result(), 0);
    EXPECT_TRUE(queue->finish().crashed) << answer;
  }
}

TEST_F(ResidentQueueTest, TheProgramIsExecutedWhereNobodyAnswersRightly) {
  EXPECT_FALSE(ResidentQueue::open(std::nullopt));
  const std::vector<std::string> answers = {
      "", "nonsense", mail::queue_greeting({77, "another program"}), mail::queue_result(0)};
  for (const std::string& answer : answers) {
    serve([&answer](const sys::Fd& client) {
      if (!answer.empty()) {
        (void)sys::send_packet(client.get(), answer);
      }
      return 0;
    });
    EXPECT_FALSE(ResidentQueue::open(std::nullopt)) << answer;
    EXPECT_EQ(result(), 0);
  }
}

TEST_F(ResidentQueueTest, OneThatDoesNotAnswerIsNotAwaitedLong) {
  serve([](const sys::Fd& client) { return next(client) + next(client) == "<end>" ? 1 : 0; });
  const auto before = sys::monotonic();
  EXPECT_FALSE(ResidentQueue::open(std::nullopt));
  const auto taken = sys::monotonic() - before;
  EXPECT_GE(taken, std::chrono::milliseconds(900));
  EXPECT_LT(taken, std::chrono::milliseconds(9000));
  EXPECT_EQ(result(), 0);
}

TEST_F(ResidentQueueTest, NobodyIsAskedIfSomethingElseIsWanted) {
  auto listener =
      sys::listen_at(kHome + std::string(mail::kQueueSocket), {::getuid(), ::getgid()}, 0600);
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
