// Bounces that qmailq takes: it gets the whole bounce, and where it refuses, is silent or goes,
// the bounce is not lost.
#include "send/resident_bounce.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "mail/queue_service.h"
#include "send/bounce_programs.h"
#include "sys/clock.h"
#include "sys/packets.h"
#include "sys/poller.h"
#include "sys/process.h"
#include "sys/signals.h"
#include "tests/unit/support/crash_files.h"
#include "tests/unit/support/scripted_qmailq.h"
#include "tests/unit/support/unreadable_file.h"

namespace reqmail::send {
namespace {

using namespace std::string_literals;
using reqmail::testing::CrashFiles;
using reqmail::testing::DiskState;
using reqmail::testing::ScriptedQmailq;
using std::chrono::milliseconds;

const mail::MessageId kId(7);
constexpr std::size_t kLarge = 3'000'000;

class Resident : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!ScriptedQmailq::make_home()) {
      GTEST_SKIP() << "no private mounts here";
    }
    sys::ignore_signals({SIGPIPE});
  }

  BounceOrder order(const std::string& message) {
    files_ = std::make_unique<CrashFiles>(
        DiskState{{"bounce/7", "<r@x>:\nno\n\n"}, {"mess/7/7", message}});
    scheduler::BounceMail mail;
    mail.envelope_recipient = "s@h";
    mail.head = "head\n";
    mail.tail = "tail\n";
    return {kId, std::move(mail), *files_->open_read("bounce/7"),
            *files_->open_read("mess/7/7")};
  }

  // Has qmailq take bounces. `programs_` counts the queue programs that are started, each of
  // which refuses.
  std::unique_ptr<BouncePrograms> takers(const BouncePrograms::Limits& limits = {}) {
    return std::make_unique<BouncePrograms>(
        limits, [] { return submit::ResidentQueue::begin(std::nullopt); },
        [this]() -> Result<submit::QueueProgram> {
          ++programs_;
          return temporary("no program here");
        });
  }

  // Does what the main loop does, until there is a result.
  static BounceResult result_of(BouncePrograms& bounces) {
    sys::Poller poller;
    for (;;) {
      if (bounces.any_done()) {
        const auto done = bounces.take_done();
        EXPECT_EQ(done.size(), 1U);
        return done[0];
      }
      poller.clear();
      bounces.watch(poller);
      EXPECT_TRUE(poller.wait(bounces.wait_limit(sys::monotonic())));
      if (bounces.serve(poller)) {
        bounces.reap();
      }
      bounces.enforce_limits(sys::monotonic());
    }
  }

  // Reads a message and its envelope. Returns whether they are those of the bounce.
  static bool takes(const sys::Fd& client, const std::string& message) {
    std::string text;
    std::string packet = ScriptedQmailq::next(client);
    for (; packet.starts_with('m'); packet = ScriptedQmailq::next(client)) {
      text += packet.substr(1);
    }
    return packet == "M" && text == "head\n<r@x>:\nno\n\ntail\n" + message &&
           ScriptedQmailq::next(client) == "eF\0Ts@h\0\0"s;
  }

  std::unique_ptr<CrashFiles> files_;
  ScriptedQmailq qmailq_;
  int programs_ = 0;
};

TEST_F(Resident, GetsTheBounceWhole) {
  const std::string long_message(kLarge, 'm');
  for (const std::string& message : {"Subject: x\n\ny\n"s, ""s, long_message}) {
    qmailq_.serve([&message](const sys::Fd& client) {
      ScriptedQmailq::await_opening(client);
      ScriptedQmailq::greet(client);
      (void)ScriptedQmailq::next(client);
      const bool whole = takes(client, message) && ScriptedQmailq::next(client) == "<end>";
      (void)sys::send_packet(client.get(), mail::queue_result(0));
      return whole ? 0 : 1;
    });
    const auto bounces = takers();
    ASSERT_TRUE(bounces->begin(order(message)));
    const BounceResult result = result_of(*bounces);
    EXPECT_TRUE(result.queued) << message.size();
    EXPECT_EQ(result.id, kId);
    EXPECT_EQ(result.pid, 77U);
    EXPECT_FALSE(result.is_notice);
    EXPECT_EQ(qmailq_.result(), 0);
  }
  EXPECT_EQ(programs_, 0);
}

TEST_F(Resident, ThatRefusesOrGoesHasQueuedNothing) {
  for (const bool answers : {true, false}) {
    qmailq_.serve([answers](const sys::Fd& client) {
      ScriptedQmailq::await_opening(client);
      ScriptedQmailq::greet(client);
      if (answers) {
        (void)sys::send_packet(client.get(), mail::queue_result(53));
      }
      return 0;
    });
    const auto bounces = takers();
    ASSERT_TRUE(bounces->begin(order(std::string(kLarge, 'm'))));
    EXPECT_FALSE(result_of(*bounces).queued);
    EXPECT_EQ(qmailq_.result(), 0);
  }
  EXPECT_EQ(programs_, 0) << "it may have taken the bounce";
}

TEST_F(Resident, GetsNoEnvelopeOfAMessageThatCannotBeRead) {
  qmailq_.serve([](const sys::Fd& client) {
    ScriptedQmailq::await_opening(client);
    ScriptedQmailq::greet(client);
    (void)ScriptedQmailq::next(client);
    const bool empty = ScriptedQmailq::next(client) == "<end>";
    // A client that believed this would have lost the bounce.
    (void)sys::send_packet(client.get(), mail::queue_result(0));
    return empty ? 0 : 1;
  });
  BounceOrder damaged = order("x\n");
  damaged.message = std::make_unique<testing::UnreadableFile>();
  const auto bounces = takers();
  ASSERT_TRUE(bounces->begin(std::move(damaged)));
  EXPECT_FALSE(result_of(*bounces).queued);
  EXPECT_EQ(qmailq_.result(), 0);
}

TEST_F(Resident, GivesWayToAProgram) {
  const auto bounces = takers();
  EXPECT_FALSE(bounces->begin(order("x\n"))) << "nobody listens";
  EXPECT_EQ(programs_, 1);
  for (const bool answers : {true, false}) {
    qmailq_.serve([answers](const sys::Fd& client) {
      ScriptedQmailq::await_opening(client);
      if (answers) {
        (void)sys::send_packet(client.get(), mail::queue_greeting({77, "another program"}));
        return 0;
      }
      (void)ScriptedQmailq::next(client);
      return ScriptedQmailq::next(client) == "<end>" ? 0 : 1;
    });
    programs_ = 0;
    const auto before = sys::monotonic();
    ASSERT_TRUE(bounces->begin(order("x\n")));
    const BounceResult result = result_of(*bounces);
    EXPECT_FALSE(result.queued);
    EXPECT_EQ(result.id, kId);
    EXPECT_EQ(programs_, 1);
    EXPECT_EQ(sys::monotonic() - before >= milliseconds(1000), !answers);
    EXPECT_EQ(qmailq_.result(), 0);
  }
}

TEST_F(Resident, IsLeftWhenItTakesTooLong) {
  qmailq_.serve([](const sys::Fd& client) {
    ScriptedQmailq::await_opening(client);
    ScriptedQmailq::greet(client);
    (void)ScriptedQmailq::next(client);
    const bool whole = takes(client, "x\n") && ScriptedQmailq::next(client) == "<end>";
    sys::pause_for(std::chrono::seconds(1));
    (void)sys::send_packet(client.get(), mail::queue_result(0));
    return whole ? 0 : 1;
  });
  BouncePrograms::Limits limits;
  limits.usual = milliseconds(200);
  const auto bounces = takers(limits);
  ASSERT_TRUE(bounces->begin(order("x\n")));
  EXPECT_FALSE(result_of(*bounces).queued);
  EXPECT_EQ(programs_, 0);
  EXPECT_EQ(qmailq_.result(), 0);
}

}  // namespace
}  // namespace reqmail::send
