// Which bounces are sent and when, and what is done with bounce/N.
#include "send/bounce.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/support/crash_files.h"

namespace reqmail::send {
namespace {

using namespace std::string_literals;
using reqmail::testing::CrashFiles;
using reqmail::testing::DiskState;
using scheduler::BounceOutcome;

const mail::QueueLayout kLayout(23);
const mail::MessageId kId(145);
const base::Time kNow = base::from_epoch(1'700'000'000);

// Accepts orders up to its limit, and lets the test decide how each ends.
class Sender final : public BounceSender {
 public:
  [[nodiscard]] bool full() const override { return running.size() >= room; }

  bool begin(BounceOrder order) override {
    if (!starts) {
      return false;
    }
    recipients.push_back(order.mail.envelope_recipient);
    paragraphs += order.paragraphs ? *queue::read_all(*order.paragraphs) : order.mail.head;
    mails.push_back(order.mail);
    message += *queue::read_all(*order.message);
    failures += order.failures ? *queue::read_all(*order.failures) : "";
    ends.push_back(order.mail.end);
    running.push_back(order.id);
    return true;
  }

  std::vector<BounceResult> take_done() override { return std::exchange(done, {}); }

  void hurry() override { hurried = true; }

  // Ends the oldest running order.
  void finish(bool queued, bool is_notice = false) {
    done.push_back({running.front(), queued, 4711, is_notice});
    running.erase(running.begin());
  }

  std::size_t room = 1;
  bool starts = true;
  bool hurried = false;
  std::vector<mail::MessageId> running;
  std::vector<BounceResult> done;
  std::vector<std::string> recipients;
  std::string paragraphs;
  std::string message;
  std::string failures;
  std::vector<std::string> ends;
  std::vector<scheduler::BounceMail> mails;
};

DiskState failed_message(const std::string& id, const std::string& sender) {
  const std::string place = std::to_string(std::stoul(id) % kLayout.split()) + "/" + id;
  return {{"mess/" + place, "Subject: x\n\nbody\n"},
          {"info/" + place, "F" + sender + "\0"s},
          {"bounce/" + id, "<r@x>:\nno\n\n"}};
}

class BounceLineTest : public ::testing::Test {
 protected:
  explicit BounceLineTest(const DiskState& disk = failed_message("145", "s@h"))
      : files_(disk), line_({files_, kLayout, sender_, {"MAILER-DAEMON", "me", "pm", "dh"}}) {}

  std::optional<BounceOutcome> inject(mail::MessageId id = kId, bool sent = false) {
    const auto answer = line_.inject({id, sent}, kNow);
    return answer ? std::optional(answer->outcome) : std::nullopt;
  }

  bool bounce_is_there() { return files_.now().contains("bounce/145"); }

  CrashFiles files_;
  Sender sender_;
  BounceLine line_;
};

TEST_F(BounceLineTest, ANoticeIsSentAndItsParagraphsGo) {
  EXPECT_EQ(inject(), std::nullopt);
  EXPECT_EQ(sender_.recipients, std::vector<std::string>{"s@h"});
  EXPECT_EQ(sender_.paragraphs, "<r@x>:\nno\n\n");
  EXPECT_EQ(sender_.message, "Subject: x\n\nbody\n");
  EXPECT_TRUE(bounce_is_there());
  EXPECT_TRUE(line_.take_done(kNow).bounces.empty());
  sender_.finish(true);
  const auto answers = line_.take_done(kNow).bounces;
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].outcome, BounceOutcome::sent);
  EXPECT_EQ(answers[0].pid, 4711U);
  EXPECT_FALSE(bounce_is_there());
}

TEST_F(BounceLineTest, WhatWasNotQueuedStays) {
  (void)inject();
  sender_.finish(false);
  EXPECT_EQ(line_.take_done(kNow).bounces.at(0).outcome, BounceOutcome::trouble);
  EXPECT_TRUE(bounce_is_there());
}

TEST_F(BounceLineTest, NothingHasFailed) {
  EXPECT_EQ(inject(mail::MessageId(146)), BounceOutcome::none);
  EXPECT_TRUE(sender_.recipients.empty());
}

TEST_F(BounceLineTest, OneThatWentOutBeforeIsOnlyRemoved) {
  files_.fail_call(files_.calls(), EIO);
  EXPECT_EQ(inject(kId, true), BounceOutcome::not_removed);
  EXPECT_TRUE(bounce_is_there());
  EXPECT_EQ(inject(kId, true), BounceOutcome::removed);
  EXPECT_FALSE(bounce_is_there());
  EXPECT_TRUE(sender_.recipients.empty());
}

TEST_F(BounceLineTest, QueuedButNotRemoved) {
  (void)inject();
  sender_.finish(true);
  files_.fail_call(files_.calls(), EIO);
  EXPECT_EQ(line_.take_done(kNow).bounces.at(0).outcome, BounceOutcome::not_removed_sent);
  EXPECT_TRUE(bounce_is_there());
}

TEST_F(BounceLineTest, NoQueueProgram) {
  sender_.starts = false;
  EXPECT_EQ(inject(), BounceOutcome::not_started);
  EXPECT_TRUE(bounce_is_there());
}

TEST_F(BounceLineTest, WithoutItsFiles) {
  ASSERT_TRUE(files_.unlink("mess/7/145"));
  EXPECT_EQ(inject(), BounceOutcome::trouble);
  ASSERT_TRUE(files_.unlink("info/7/145"));
  EXPECT_EQ(inject(), BounceOutcome::no_info);
}

struct NullSender : BounceLineTest {
  NullSender() : BounceLineTest(failed_message("145", "")) {}
};

TEST_F(NullSender, MakesADoubleBounce) {
  (void)inject();
  EXPECT_EQ(sender_.recipients, std::vector<std::string>{"pm@dh"});
}

TEST_F(NullSender, IsDiscardedIfThatIsWanted) {
  BounceLine line({files_, kLayout, sender_, {"MAILER-DAEMON", "me", "", "dh", true}});
  files_.fail_call(files_.calls(), EIO);
  EXPECT_EQ(line.inject({kId}, kNow)->outcome, BounceOutcome::not_removed_double_discarded);
  EXPECT_EQ(line.inject({kId}, kNow)->outcome, BounceOutcome::double_discarded);
  EXPECT_FALSE(bounce_is_there());
  EXPECT_TRUE(sender_.recipients.empty());
}

TEST_F(BounceLineTest, AReportHasTheFailuresOnceMoreAndTextsOfItsOwn) {
  scheduler::BounceForm form;
  form.style = scheduler::BounceStyle::report;
  line_.set_form(form);
  EXPECT_EQ(inject(), std::nullopt);
  EXPECT_EQ(sender_.failures, "<r@x>:\nno\n\n");
  const std::string first = sender_.ends.at(0);
  sender_.finish(true);
  (void)line_.take_done(kNow);
  ASSERT_TRUE(files_.create("bounce/145", 0600));
  EXPECT_EQ(inject(), std::nullopt);
  EXPECT_NE(sender_.ends.at(1), first);
}

struct WithWishes : BounceLineTest {
  WithWishes() : BounceLineTest(disk()) {}

  static DiskState disk() {
    DiskState disk = failed_message("145", "s@h");
    disk["mess/7/145.dsn"] = "RET=HDRS ENVID=a+2Bb\nNOTIFY=FAILURE ORCPT=rfc822;o@x\tr@x\n";
    return disk;
  }

  BounceLine::Parts parts(bool reads) {
    return {files_, kLayout, sender_, {"MAILER-DAEMON", "me", "pm", "dh"}, {}, reads};
  }
};

TEST_F(WithWishes, ABounceIsAReport) {
  BounceLine line(parts(true));
  EXPECT_FALSE(line.inject({kId}, kNow));
  const scheduler::BounceMail& mail = sender_.mails.at(0);
  EXPECT_TRUE(mail.is_report);
  EXPECT_TRUE(mail.excerpt.header_only);
  EXPECT_NE(mail.status.find("\nOriginal-Envelope-Id: a+b\n"), std::string::npos);
  EXPECT_EQ(mail.originals.at("r@x"), "rfc822;o@x");
}

TEST_F(WithWishes, WithoutControlDsnTheyDoNotCount) {
  BounceLine line(parts(false));
  EXPECT_FALSE(line.inject({kId}, kNow));
  EXPECT_FALSE(sender_.mails.at(0).is_report);
}

struct DoubleBounce : BounceLineTest {
  DoubleBounce() : BounceLineTest(failed_message("145", "#@[]")) {}
};

TEST_F(DoubleBounce, IsDiscarded) {
  files_.fail_call(files_.calls(), EIO);
  EXPECT_EQ(inject(), BounceOutcome::not_removed_discarded);
  EXPECT_EQ(inject(), BounceOutcome::discarded);
  EXPECT_FALSE(bounce_is_there());
  EXPECT_TRUE(sender_.recipients.empty());
}

struct ThreeMessages : BounceLineTest {
  ThreeMessages() : BounceLineTest(all()) {}

  static DiskState all() {
    DiskState disk;
    for (const auto* id : {"145", "146", "147"}) {
      disk.merge(failed_message(id, "s"s + id + "@h"));
    }
    return disk;
  }

  void inject_all() {
    for (const std::uint64_t id : {145U, 146U, 147U}) {
      EXPECT_EQ(inject(mail::MessageId(id)), std::nullopt);
    }
  }
};

TEST_F(ThreeMessages, WaitForRoomInTheirOrder) {
  inject_all();
  EXPECT_EQ(sender_.recipients, std::vector<std::string>{"s145@h"});
  sender_.finish(true);
  EXPECT_EQ(line_.take_done(kNow).bounces.size(), 1U);
  EXPECT_EQ(sender_.recipients, (std::vector<std::string>{"s145@h", "s146@h"}));
  // An order that cannot begin in its turn is answered at once, and the next one follows.
  ASSERT_TRUE(files_.unlink("mess/9/147"));
  sender_.finish(true);
  const auto answers = line_.take_done(kNow).bounces;
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].outcome, BounceOutcome::sent);
  EXPECT_EQ(answers[1].id, mail::MessageId(147));
  EXPECT_EQ(answers[1].outcome, BounceOutcome::trouble);
}

TEST_F(ThreeMessages, AreSentBeforeTheEndIfTheFirstOneIs) {
  inject_all();
  line_.hurry();
  EXPECT_TRUE(sender_.hurried);
  sender_.finish(true);
  EXPECT_EQ(line_.take_done(kNow).bounces.size(), 1U);
  EXPECT_EQ(sender_.recipients.size(), 2U);
}

TEST_F(ThreeMessages, AreLeftAtTheEndIfTheFirstOneFails) {
  inject_all();
  line_.hurry();
  sender_.finish(false);
  const auto answers = line_.take_done(kNow).bounces;
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0].outcome, BounceOutcome::trouble);
  EXPECT_EQ(answers[1].outcome, BounceOutcome::left);
  EXPECT_EQ(answers[2].outcome, BounceOutcome::left);
  EXPECT_EQ(sender_.recipients.size(), 1U);
}

scheduler::SendNotice notice(std::uint64_t id) {
  return {mail::MessageId(id),
          {"s@h", kNow, "", {{scheduler::DsnAction::delivered, "r@x", "", "did 1+0+0/\n"}}}};
}

TEST_F(ThreeMessages, NoticesWaitForRoom) {
  EXPECT_FALSE(line_.notify(notice(145), kNow));
  EXPECT_FALSE(line_.notify(notice(146), kNow));
  EXPECT_EQ(sender_.running.size(), 1U);
  EXPECT_NE(sender_.paragraphs.find("<r@x>:\ndid 1+0+0/\n"), std::string::npos);
  EXPECT_TRUE(sender_.mails.at(0).excerpt.header_only);
  sender_.finish(true, true);
  auto done = line_.take_done(kNow);
  ASSERT_EQ(done.notices.size(), 1U);
  EXPECT_TRUE(done.notices[0].success);
  EXPECT_EQ(done.notices[0].pid, 4711U);
  EXPECT_TRUE(done.bounces.empty());
  EXPECT_TRUE(bounce_is_there());
  EXPECT_EQ(sender_.running.size(), 1U);
  // One that cannot begin, and one that is left at the end.
  EXPECT_FALSE(line_.notify(notice(147), kNow));
  ASSERT_TRUE(files_.unlink("mess/9/147"));
  sender_.finish(false, true);
  done = line_.take_done(kNow);
  ASSERT_EQ(done.notices.size(), 2U);
  EXPECT_FALSE(done.notices[0].success);
  EXPECT_EQ(done.notices[1].id, mail::MessageId(147));
  EXPECT_FALSE(done.notices[1].success);
  EXPECT_FALSE(line_.notify(notice(147), kNow)->success);
}

}  // namespace
}  // namespace reqmail::send
