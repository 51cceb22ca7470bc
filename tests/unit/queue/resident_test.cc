// The resident queue writer as its clients see it.
#include "queue/resident.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mail/queue_service.h"
#include "queue/posix_files.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/local_socket.h"
#include "sys/packets.h"
#include "sys/poller.h"
#include "sys/process.h"
#include "sys/signals.h"
#include "sys/stream.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::queue {
namespace {

using namespace std::string_literals;

const std::string kEnvelope = "Fs@a.example\0Tone@b.example\0\0"s;

// Returns the next packet; "<end>" if the other end has closed the connection.
std::string next(const sys::Fd& socket) {
  sys::Poller poller;
  for (;;) {
    auto packet = sys::receive_packet(socket.get(), 4096);
    if (packet) {
      return *packet ? (*packet)->bytes : "<end>";
    }
    if (packet.error().error == ECONNRESET) {
      continue;
    }
    if (packet.error().error != EAGAIN) {
      return "<error>";
    }
    poller.clear();
    (void)poller.watch_read(socket.get());
    (void)poller.wait();
  }
}

class ResidentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) {
      GTEST_SKIP() << "only root and qmail's accounts are served";
    }
    for (const char* name : {"pid", "intd", "todo", "mess", "mess/0"}) {
      ASSERT_EQ(::mkdir(name, 0700), 0);
    }
    auto listener = sys::listen_at("socket", {::getuid(), ::getgid()}, 0600);
    ASSERT_TRUE(listener);
    listener_ = std::move(*listener);
    sys::ChildSpec spec;
    spec.descriptors = {{listener_.get(), 0}};
    spec.work = [] { return run(); };
    auto child = sys::spawn(spec);
    ASSERT_TRUE(child);
    child_ = std::move(*child);
    listener_.close();
  }

  static int run() {
    PosixFiles files;
    auto threads = sys::ThreadPool::make(4);
    const auto requests = sys::signals_to_pipe({SIGTERM});
    Resident::Settings settings;
    settings.listener = 0;
    settings.end_requests = {*requests};
    settings.most = 3;
    settings.release = "1.0";
    settings.program = []() -> std::optional<std::string> {
      return ::access("replaced", F_OK) == 0 ? std::nullopt : std::optional("the program"s);
    };
    settings.pull_trigger = [] { testing::put_file("pulled", ""); };
    settings.last_number = 4999;
    return Resident(std::move(settings), files, **threads).run() ? 0 : 1;
  }

  static sys::Fd connect(const std::string& wishes = {}, const std::string& release = "1.0") {
    auto socket = sys::connect_at("socket");
    EXPECT_TRUE(socket);
    EXPECT_TRUE(sys::send_packet(socket->get(), mail::queue_opening({release, wishes})));
    return std::move(*socket);
  }

  static std::string greeting(std::uint64_t number) {
    return mail::queue_greeting({number, "the program"});
  }

  static void send(const sys::Fd& socket, char kind, const std::string& bytes) {
    EXPECT_TRUE(sys::send_piece(socket.get(), kind, bytes));
  }

  static std::vector<std::string> queued() { return testing::names_in("todo"); }

  // Without these three, nothing is left of a message.
  static void expect_empty() {
    for (const char* name : {"pid", "intd", "todo", "mess/0"}) {
      EXPECT_TRUE(testing::names_in(name).empty()) << name;
    }
  }

  const testing::TemporaryHome home_;
  sys::Fd listener_;
  sys::Child child_;
};

TEST_F(ResidentTest, TakesAMessageIn) {
  const sys::Fd socket = connect("RET=HDRS\n");
  EXPECT_EQ(next(socket), greeting(5000));
  send(socket, mail::kMessagePiece, "Subject: x\n");
  send(socket, mail::kLastMessagePiece, "\nbody\n");
  send(socket, mail::kEnvelopePiece, kEnvelope.substr(0, 5));
  send(socket, mail::kEnvelopePiece, kEnvelope.substr(5));
  EXPECT_EQ(next(socket), mail::queue_result(0));
  EXPECT_EQ(next(socket), "<end>");
  ASSERT_EQ(queued().size(), 1U);
  const std::string number = queued()[0];
  const std::string mess = testing::content_of("mess/0/" + number);
  EXPECT_TRUE(mess.starts_with("Received: (qmail 5000 invoked by uid 0); ")) << mess;
  EXPECT_TRUE(mess.ends_with("\nSubject: x\n\nbody\n")) << mess;
  EXPECT_EQ(testing::content_of("mess/0/" + number + ".dsn"), "RET=HDRS\n");
  EXPECT_EQ(testing::content_of("todo/" + number),
            "u0\0p5000\0Fs@a.example\0Tone@b.example\0"s);
  EXPECT_EQ(testing::content_of("pulled"), "");
}

TEST_F(ResidentTest, ALongMessageComesInManyPieces) {
  const sys::Fd socket = connect();
  EXPECT_EQ(next(socket), greeting(5000));
  std::string text;
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    const std::string piece(mail::kQueuePieceMax, letter);
    while (!sys::send_piece(socket.get(), mail::kMessagePiece, piece)) {
      sys::pause_for(std::chrono::milliseconds(1));
    }
    text += piece;
  }
  while (!sys::send_piece(socket.get(), mail::kLastMessagePiece, "")) {
    sys::pause_for(std::chrono::milliseconds(1));
  }
  send(socket, mail::kEnvelopePiece, kEnvelope);
  EXPECT_EQ(next(socket), mail::queue_result(0));
  EXPECT_TRUE(testing::content_of("mess/0/" + queued().at(0)).ends_with("\n" + text));
}

TEST_F(ResidentTest, WhatIsNotCompleteIsUndone) {
  for (const int pieces : {0, 1, 2, 3}) {
    const sys::Fd socket = connect("NOTIFY=NEVER\tone@b.example\n");
    (void)next(socket);
    if (pieces > 0) {
      send(socket, mail::kMessagePiece, std::string(100, 'x'));
    }
    if (pieces > 1) {
      send(socket, mail::kLastMessagePiece, "");
    }
    if (pieces > 2) {
      send(socket, mail::kEnvelopePiece, kEnvelope.substr(0, kEnvelope.size() - 1));
    }
    sys::end_writing(socket.get());
    EXPECT_EQ(next(socket), mail::queue_result(54)) << pieces;
    expect_empty();
  }
}

TEST_F(ResidentTest, BadEnvelopesHaveTheCodesOfQmailQueue) {
  const std::vector<std::pair<std::string, int>> cases = {
      {"Tone@b.example\0\0"s, 91}, {"Fs\0Xr\0\0"s, 91}, {"F" + std::string(1003, 'x'), 11}};
  for (const auto& [envelope, code] : cases) {
    const sys::Fd socket = connect();
    (void)next(socket);
    send(socket, mail::kLastMessagePiece, "x\n");
    send(socket, mail::kEnvelopePiece, envelope);
    EXPECT_EQ(next(socket), mail::queue_result(code));
    expect_empty();
  }
}

TEST_F(ResidentTest, AFailureIsToldAndUndone) {
  ASSERT_EQ(::rename("mess/0", "away"), 0);
  const sys::Fd socket = connect();
  EXPECT_EQ(next(socket), greeting(5000));
  EXPECT_EQ(next(socket), mail::queue_result(64));
  ASSERT_EQ(::rename("away", "mess/0"), 0);
  expect_empty();
}

TEST_F(ResidentTest, ThoseWhoMakeNoSenseAreSentAwayAndOthersServed) {
  const sys::Fd good = connect();
  (void)next(good);
  send(good, mail::kLastMessagePiece, "x\n");
  EXPECT_EQ(next(connect({}, "0.9")), "<end>");
  auto silent = sys::connect_at("socket");
  ASSERT_TRUE(silent);
  ASSERT_TRUE(sys::send_packet(silent->get(), "nonsense"));
  EXPECT_EQ(next(*silent), "<end>");
  using Bad = std::pair<char, std::size_t>;
  for (const auto& [kind, size] : {Bad{mail::kEnvelopePiece, 1}, Bad{'x', 1}, Bad{'x', 0},
                                   Bad{mail::kMessagePiece, mail::kQueuePieceMax + 1}}) {
    const sys::Fd bad = connect();
    (void)next(bad);
    send(bad, kind, std::string(size, 'x'));
    EXPECT_EQ(next(bad), "<end>") << kind;
  }
  const sys::Fd late = connect();
  (void)next(late);
  send(late, mail::kLastMessagePiece, "x\n");
  send(late, mail::kMessagePiece, "x\n");
  EXPECT_EQ(next(late), "<end>");
  EXPECT_EQ(testing::names_in("mess/0").size(), 1U);
  send(good, mail::kEnvelopePiece, kEnvelope);
  EXPECT_EQ(next(good), mail::queue_result(0));
  EXPECT_EQ(queued().size(), 1U);
}

TEST_F(ResidentTest, OneTooManyIsSentAway) {
  std::vector<sys::Fd> sockets;
  for (std::uint64_t number = 5000; number < 5003; ++number) {
    sockets.push_back(connect());
    EXPECT_EQ(next(sockets.back()), greeting(number));
  }
  auto more = sys::connect_at("socket");
  ASSERT_TRUE(more);
  EXPECT_EQ(next(*more), "<end>");
  sockets.pop_back();
  // Another one can come when it has noticed that.
  for (;;) {
    const sys::Fd another = connect();
    if (next(another) != "<end>") {
      break;
    }
  }
}

TEST_F(ResidentTest, WithoutItsProgramItServesNobody) {
  testing::put_file("replaced", "");
  EXPECT_EQ(next(connect()), "<end>");
  ASSERT_EQ(::unlink("replaced"), 0);
  EXPECT_EQ(next(connect()), greeting(5001));
}

TEST_F(ResidentTest, EndsWhenItsMessagesAreDone) {
  const sys::Fd begun = connect();
  (void)next(begun);
  const auto not_greeted = sys::connect_at("socket");
  ASSERT_TRUE(not_greeted);
  send(begun, mail::kLastMessagePiece, "x\n");
  child_.send_signal(SIGTERM);
  EXPECT_EQ(next(*not_greeted), "<end>");
  EXPECT_FALSE(sys::connect_at("socket"));
  send(begun, mail::kEnvelopePiece, kEnvelope);
  EXPECT_EQ(next(begun), mail::queue_result(0));
  const auto end = child_.wait();
  EXPECT_TRUE(end && end->success());
  EXPECT_EQ(queued().size(), 1U);
}

}  // namespace
}  // namespace reqmail::queue
