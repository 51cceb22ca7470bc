// Messages that are held in memory, in a file or nowhere: what checks see of them, and what the
// queue program gets.
#include "smtpd/held_message.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>

#include "smtpd/held_bytes.h"
#include "smtpd/message_check.h"
#include "smtpd/own_time.h"
#include "sys/directory.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::smtpd {
namespace {

std::string all_of(const HeldBytes& bytes) {
  std::string all;
  EXPECT_TRUE(bytes.each([&all](std::string_view piece) {
    EXPECT_LE(piece.size(), kHeldPiece);
    all += piece;
  }));
  return all;
}

std::string all_of(const HeldMessage& message) {
  std::string all;
  EXPECT_TRUE(message.each([&all](std::string_view piece) { all += piece; }));
  return all;
}

HeldMessage held(std::string_view text, std::size_t piece) {
  HeldMessage message;
  for (std::size_t i = 0; i < text.size(); i += piece) {
    message.take(text.substr(i, piece));
  }
  message.end();
  return message;
}

class HeldBytesTest : public ::testing::Test {
 protected:
  void SetUp() override { ::setenv("TMPDIR", scratch_("").c_str(), 1); }

  void TearDown() override { ::unsetenv("TMPDIR"); }

  tests::Scratch scratch_;
};

TEST_F(HeldBytesTest, StayInMemoryUpToTheLimit) {
  HeldBytes bytes(10);
  bytes.append("01234");
  bytes.append("56789");
  EXPECT_FALSE(bytes.in_file());
  EXPECT_EQ(all_of(bytes), "0123456789");
  bytes.append("a");
  EXPECT_TRUE(bytes.in_file());
  EXPECT_EQ(all_of(bytes), "0123456789a");
  EXPECT_EQ(bytes.size(), 11U);
}

TEST_F(HeldBytesTest, TheFileHasNoName) {
  HeldBytes bytes(0);
  bytes.append("x");
  ASSERT_TRUE(bytes.in_file());
  const auto names = sys::list_directory(scratch_(""));
  ASSERT_TRUE(names.has_value());
  EXPECT_TRUE(names->empty());
}

TEST_F(HeldBytesTest, KeepsTheOrderOfMemoryAndFile) {
  HeldBytes bytes(1000);
  std::string expected;
  for (int i = 0; i < 30000; ++i) {
    const std::string piece = std::to_string(i) + "\n";
    bytes.append(piece);
    expected += piece;
  }
  EXPECT_TRUE(all_of(bytes) == expected);
  EXPECT_TRUE(all_of(bytes) == expected);
}

TEST(HeldBytes, FallsBackOnOtherDirectories) {
  ::setenv("TMPDIR", "/nowhere/at/all", 1);
  HeldBytes bytes(0);
  bytes.append("x");
  ::unsetenv("TMPDIR");
  EXPECT_TRUE(bytes.in_file());
  EXPECT_EQ(all_of(bytes), "x");
}

TEST(HeldMessage, ComesOutAsItCame) {
  for (const std::string_view text :
       {"A: 1\n\nbody\n", "\nbody\n", "A: 1\n", "A: 1\n\n", "no field\nB: 2\n\nbody", ""}) {
    for (const std::size_t piece : {1U, 2U, 3U, 100U}) {
      EXPECT_EQ(all_of(held(text, piece)), text);
    }
  }
}

TEST(HeldMessage, HeaderAndBodyCanBeChanged) {
  HeldMessage message = held("A: 1\nB: 2\n\nbody\n", 4);
  EXPECT_EQ(message.header().text(), "A: 1\nB: 2\n");
  EXPECT_EQ(all_of(message.body()), "body\n");
  message.header().put_on_top("T: t\n");
  EXPECT_TRUE(message.header().replace("a", 0, ""));
  HeldBytes other;
  other.append("other\n");
  message.replace_body(std::move(other));
  EXPECT_EQ(all_of(message), "T: t\nB: 2\n\nother\n");
}

TEST(HeldMessage, ABodyIsAddedToAMessageThatIsAllHeader) {
  HeldMessage message = held("A: 1\n", 2);
  HeldBytes body;
  body.append("new\n");
  message.replace_body(std::move(body));
  EXPECT_EQ(all_of(message), "A: 1\n\nnew\n");
}

TEST(HeldMessage, AFoldedLineAtTheTopContinuesNoFieldOfOurs) {
  HeldMessage message = held(" ; dkim=pass\nA: 1\n\nbody\n", 4);
  message.header().put_on_top("T: t\n");
  EXPECT_EQ(all_of(message), "T: t\n\n ; dkim=pass\nA: 1\n\nbody\n");
}

TEST(HeldMessage, AHeaderThatIsTooLongEndsAtALine) {
  std::string text;
  while (text.size() <= auth822::HeaderCutter::kHeaderMax) {
    text += "X: 23456789abcdef\n";
  }
  text += "Y: y\n\nbody\n";
  HeldMessage message = held(text, 5000);
  const std::size_t kept = message.header().text().size();
  EXPECT_LE(kept, auth822::HeaderCutter::kHeaderMax);
  EXPECT_TRUE(message.header().text().ends_with("X: 23456789abcdef\n"));
  EXPECT_TRUE(all_of(message) == text.substr(0, kept) + "\n" + text.substr(kept));
}

// Records the calls.
class FakeCheck final : public MessageCheck {
 public:
  FakeCheck(std::string& log, char name, MessageInterest interest, MessageVerdict verdict = {})
      : log_(log), name_(name), interest_(interest), verdict_(std::move(verdict)) {}

  MessageInterest begin(const proto::SmtpServer& /*session*/) override {
    note("begin");
    return interest_;
  }

  void take(std::string_view block) override { note(block); }

  MessageVerdict judge(HeldMessage& message, proto::SmtpEnvelope& envelope) override {
    note("judge");
    message.header().put_on_top(std::string(1, name_) + ":\n");
    envelope.sender += name_;
    return verdict_;
  }

  void abandon() override { note("abandon"); }

 private:
  void note(std::string_view what) {
    log_ += name_;
    log_ += ' ';
    log_ += what;
    log_ += ';';
  }

  std::string& log_;
  char name_;
  MessageInterest interest_;
  MessageVerdict verdict_;
};

TEST(MessageChecks, JudgeInOrderAndSeeEachOthersChanges) {
  std::string log;
  FakeCheck first(log, 'a', MessageInterest::held);
  FakeCheck second(log, 'b', MessageInterest::none);
  FakeCheck third(log, 'c', MessageInterest::if_held);
  const proto::SmtpServer server({});
  HeldMessage message;
  proto::SmtpEnvelope envelope;
  {
    MessageChecks checks({&first, &second, &third}, server);
    ASSERT_TRUE(checks.want_it_held());
    sys::Patience patience;
    const sys::LeastRate rate;
    HeldSink sink(message, checks.observers(), patience, rate);
    sink.take("x\n");
    message.end();
    EXPECT_FALSE(checks.judge(message, envelope).refusal);
  }
  EXPECT_EQ(log, "a begin;b begin;c begin;a x\n;c x\n;a judge;c judge;");
  EXPECT_EQ(envelope.sender, "ac");
  EXPECT_EQ(all_of(message), "c:\na:\nx\n");
}

TEST(MessageChecks, TheFirstRefusalWins) {
  std::string log;
  MessageVerdict refused;
  refused.refusal = proto::refusal(proto::RefusalKind::too_large);
  FakeCheck first(log, 'a', MessageInterest::held, refused);
  FakeCheck second(log, 'b', MessageInterest::held);
  HeldMessage message;
  proto::SmtpEnvelope envelope;
  {
    MessageChecks checks({&first, &second}, proto::SmtpServer({}));
    const auto verdict = checks.judge(message, envelope);
    ASSERT_TRUE(verdict.refusal);
    EXPECT_EQ(verdict.refusal->code, 552U);
  }
  EXPECT_EQ(log, "a begin;b begin;a judge;b abandon;");
}

TEST(MessageChecks, AreAbandonedWithoutAJudgement) {
  std::string log;
  FakeCheck check(log, 'a', MessageInterest::held);
  { const MessageChecks checks({&check}, proto::SmtpServer({})); }
  EXPECT_EQ(log, "a begin;a abandon;");
}

TEST(OwnTime, DoesTheWork) {
  sys::Patience patience;
  bool done = false;
  with_own_time(patience, {}, [&done]() { done = true; });
  EXPECT_TRUE(done);
}

TEST(HeldSink, AMessageThatIsGivenUpIsNotPassedOn) {
  std::string log;
  FakeCheck check(log, 'a', MessageInterest::held);
  HeldMessage message;
  sys::Patience patience;
  const sys::LeastRate rate;
  HeldSink sink(message, {&check}, patience, rate);
  sink.give_up();
  sink.take("x\n");
  EXPECT_EQ(log, "");
}

}  // namespace
}  // namespace reqmail::smtpd
