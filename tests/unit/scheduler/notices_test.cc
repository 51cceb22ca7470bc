// What senders are told because they have asked for it (NOTIFY of RFC 3461).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mail/verdict_codec.h"
#include "scheduler/notice_text.h"
#include "scheduler/report_frame.h"
#include "tests/unit/scheduler/world.h"

namespace reqmail::scheduler::testing {
namespace {

using mail::DsnNotify;

mail::DsnRequest wish(const std::string& address, const DsnNotify& notify) {
  mail::DsnRequest request;
  request.envelope_id = "QQ";
  request.recipients.push_back({address, notify, "rfc822;o@x"});
  return request;
}

constexpr DsnNotify kSuccess{true, false, false};
constexpr DsnNotify kFailure{false, true, false};
constexpr DsnNotify kDelay{false, false, true};

class Notices : public ::testing::Test {
 protected:
  // A message for one recipient, whose sender wants this.
  void queue(const std::string& recipient, const DsnNotify& notify,
             const std::string& sender = "s@h") {
    world_.start();
    world_.wishes[7] = wish(recipient, notify);
    world_.add_todo(7, sender, {recipient});
    world_.settle();
  }

  World::Order order() { return world_.take_orders().at(0); }

  World world_;
};

TEST_F(Notices, Delivered) {
  queue("u@me", kSuccess);
  world_.answer(order(), kYes);
  ASSERT_EQ(world_.notices.size(), 1U);
  const NoticeRequest& request = world_.notices[0];
  EXPECT_EQ(request.sender, "s@h");
  EXPECT_EQ(request.envelope_id, "QQ");
  ASSERT_EQ(request.notices.size(), 1U);
  EXPECT_EQ(request.notices[0].action, DsnAction::delivered);
  EXPECT_EQ(request.notices[0].recipient, "u@me");
  EXPECT_EQ(request.notices[0].original, "rfc822;o@x");
  EXPECT_EQ(request.notices[0].reason, "yes\n");
  EXPECT_NE(world_.take_log().find("report on msg 7 qp 98\n"), std::string::npos);
  EXPECT_TRUE(world_.files.empty());
}

TEST_F(Notices, ARecipientThatWasRewritten) {
  SchedulerConfig config = World::default_config();
  config.routing.percenthack = {"gate"};
  for (const char* const recipient : {"u", "u%me@gate"}) {
    World world(config);
    world.start();
    world.wishes[7] = wish(recipient, kSuccess);
    world.add_todo(7, "s@h", {recipient});
    world.settle();
    world.answer(world.take_orders().at(0), kYes);
    ASSERT_EQ(world.notices.size(), 1U) << recipient;
    EXPECT_EQ(world.notices[0].notices[0].recipient, "u@me");
    EXPECT_EQ(world.notices[0].notices[0].original, "rfc822;o@x");
  }
}

TEST_F(Notices, RelayedUnlessTheServerReports) {
  queue("r@x", kSuccess);
  world_.answer(order(), "K192.0.2.1 accepted message.\nRemote host said: 250 ok\n");
  ASSERT_EQ(world_.notices.size(), 1U);
  EXPECT_EQ(world_.notices[0].notices[0].action, DsnAction::relayed);
}

TEST_F(Notices, NotIfTheServerReports) {
  queue("r@x", kSuccess);
  world_.answer(
      order(), "K192.0.2.1" + std::string(mail::kDsnPassedOn) + "\nRemote host said: 250 ok\n");
  EXPECT_TRUE(world_.notices.empty());
  EXPECT_TRUE(world_.files.empty());
  // What the server says does not count.
  EXPECT_FALSE(server_reports("192.0.2.1 accepted message.\nRemote host said: 250" +
                              std::string(mail::kDsnPassedOn) + "\n"));
}

TEST_F(Notices, NeverMeansNoBounce) {
  queue("r@x", {});
  world_.answer(order(), kNo);
  EXPECT_TRUE(world_.bounces.empty());
  EXPECT_TRUE(world_.notices.empty());
  EXPECT_TRUE(world_.files.empty());
}

TEST_F(Notices, FailureIsABounceAndNoNotice) {
  queue("r@x", kFailure);
  world_.answer(order(), kNo);
  EXPECT_EQ(world_.bounces.size(), 1U);
  EXPECT_TRUE(world_.notices.empty());
}

TEST_F(Notices, BouncesAreNotReportedOn) {
  queue("u@me", kSuccess, "");
  world_.answer(order(), kYes);
  EXPECT_TRUE(world_.notices.empty());
}

TEST_F(Notices, OneThatCannotBeQueuedIsLoggedAndTheMessageEnds) {
  world_.failing.insert("notice");
  queue("u@me", kSuccess);
  world_.answer(order(), kYes);
  EXPECT_NE(world_.take_log().find("warning: unable to queue a report on msg 7\n"),
            std::string::npos);
  EXPECT_TRUE(world_.files.empty());
}

TEST_F(Notices, TheMessageStaysUntilItIsQueued) {
  world_.bounce_by_hand = true;
  queue("u@me", kSuccess);
  world_.answer(order(), kYes);
  EXPECT_TRUE(world_.files.contains("mess/7"));
  world_.give(Terminate{});
  world_.settle(false);
  EXPECT_FALSE(world_.exited);
  ASSERT_EQ(world_.by_hand.size(), 1U);
  world_.give(world_.by_hand[0]);
  world_.settle(false);
  EXPECT_TRUE(world_.exited);
}

TEST_F(Notices, OneDelayed) {
  queue("r@x", kDelay);
  world_.answer(order(), kLater);
  EXPECT_TRUE(world_.notices.empty());
  world_.settle_synced();
  world_.pass_time(Seconds(14400));
  world_.settle(false);
  world_.answer(order(), kLater);
  ASSERT_EQ(world_.notices.size(), 1U);
  EXPECT_EQ(world_.notices[0].notices[0].action, DsnAction::delayed);
  world_.pass_time(Seconds(40000));
  world_.settle(false);
  world_.answer(order(), kLater);
  EXPECT_EQ(world_.notices.size(), 1U);
  // Nor does the next qmail-send tell it again.
  world_.give(Terminate{});
  world_.settle(false);
  world_.restart();
  world_.start();
  world_.give(Alarm{});
  world_.pass_time(Seconds(40000));
  world_.settle();
  world_.answer(order(), kLater);
  EXPECT_EQ(world_.notices.size(), 1U);
}

TEST_F(Notices, NoDelayIsToldWhenItIsNotWanted) {
  queue("r@x", kSuccess);
  world_.answer(order(), kLater);
  world_.settle_synced();
  world_.pass_time(Seconds(20000));
  world_.settle(false);
  world_.answer(order(), kLater);
  EXPECT_TRUE(world_.notices.empty());
}

TEST(NoticeText, HasAllKinds) {
  const BounceNames names{"MAILER-DAEMON", "me.example", "pm", "me.example"};
  const NoticeRequest request{
      "list-@h-@[]",
      base::from_epoch(999'999'000),
      "a+2Bb",
      {{DsnAction::delivered, "u@me", "rfc822;o+40x", "did 1+0+0/\n"},
       {DsnAction::relayed, "r@x", "", "192.0.2.1 accepted message.\n"}}};
  const BounceMail mail = notice_mail(names, request, base::from_epoch(1'000'000'000), "t");
  EXPECT_EQ(mail.envelope_sender, "");
  EXPECT_EQ(mail.envelope_recipient, "list-@h");
  EXPECT_TRUE(
      mail.head.starts_with("Date: 9 Sep 2001 01:46:40 -0000\nFrom: MAILER-DAEMON@me.example\n"
                            "To: list-@h\nSubject: success notice\n"
                            "Message-ID: <t@me.example>\nAuto-Submitted: auto-replied\n"))
      << mail.head;
  EXPECT_NE(
      mail.head.find("delivered to the following addresses.\n\n<u@me>:\ndid 1+0+0/\n\nYour"),
      std::string::npos)
      << mail.head;
  EXPECT_TRUE(mail.head.ends_with("<r@x>:\n192.0.2.1 accepted message.\n\n"));
  EXPECT_EQ(mail.status,
            "\n--t\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; me.example\n"
            "Original-Envelope-Id: a+b\nArrival-Date: 9 Sep 2001 01:30:00 -0000\n" +
                recipient_fields(DsnAction::delivered, "u@me", "did 1+0+0/\n", "rfc822;o+40x") +
                recipient_fields(DsnAction::relayed, "r@x", "192.0.2.1 accepted message.\n"));
  EXPECT_EQ(mail.tail,
            "\n--t\nContent-Type: text/rfc822-headers\nContent-Transfer-Encoding: 8bit\n\n"
            "Return-Path: <list-@h>\n");
  EXPECT_TRUE(mail.excerpt.header_only);
  NoticeRequest delay = request;
  delay.notices = {{DsnAction::delayed, "r@x", "", "later\n"}};
  EXPECT_NE(notice_mail(names, delay, base::from_epoch(0), "t")
                .head.find("\nSubject: delay notice\n"),
            std::string::npos);
}

}  // namespace
}  // namespace reqmail::scheduler::testing
