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
    paragraphs += *queue::read_all(*order.paragraphs);
    message += *queue::read_all(*order.message);
    failures += order.failures ? *queue::read_all(*order.failures) : "";
    ends.push_back(order.mail.end);
    running.push_back(order.id);
    return true;
  }

  std::vector<BounceResult> take_done() override { return std::exchange(done, {}); }

  void hurry() override { hurried = true; }

  // Ends the oldest running order.
  void finish(bool queued) {
    done.push_back({running.front(), queued, 4711});
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
  EXPECT_TRUE(line_.take_done(kNow).empty());
  sender_.finish(true);
  const auto answers = line_.take_done(kNow);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].outcome, BounceOutcome::sent);
  EXPECT_EQ(answers[0].pid, 4711U);
  EXPECT_FALSE(bounce_is_there());
}

TEST_F(BounceLineTest, WhatWasNotQueuedStays) {
  (void)inject();
  sender_.finish(false);
  EXPECT_EQ(line_.take_done(kNow).at(0).outcome, BounceOutcome::trouble);
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
  EXPECT_EQ(line_.take_done(kNow).at(0).outcome, BounceOutcome::not_removed_sent);
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
  EXPECT_EQ(line_.take_done(kNow).size(), 1U);
  EXPECT_EQ(sender_.recipients, (std::vector<std::string>{"s145@h", "s146@h"}));
  // An order that cannot begin in its turn is answered at once, and the next one follows.
  ASSERT_TRUE(files_.unlink("mess/9/147"));
  sender_.finish(true);
  const auto answers = line_.take_done(kNow);
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
  EXPECT_EQ(line_.take_done(kNow).size(), 1U);
  EXPECT_EQ(sender_.recipients.size(), 2U);
}

TEST_F(ThreeMessages, AreLeftAtTheEndIfTheFirstOneFails) {
  inject_all();
  line_.hurry();
  sender_.finish(false);
  const auto answers = line_.take_done(kNow);
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0].outcome, BounceOutcome::trouble);
  EXPECT_EQ(answers[1].outcome, BounceOutcome::left);
  EXPECT_EQ(answers[2].outcome, BounceOutcome::left);
  EXPECT_EQ(sender_.recipients.size(), 1U);
}

}  // namespace
}  // namespace reqmail::send
