#include "proto/smtp_client.h"

#include <gtest/gtest.h>

#include "base/number.h"

namespace reqmail::proto {
namespace {

using Next = SmtpClient::Next;

// What the client says to a list of replies; "<message>" where it sends the message.
std::vector<std::string> talk(SmtpClient& client, const std::vector<std::string>& replies) {
  std::vector<std::string> said;
  for (const std::string& text : replies) {
    SmtpReplyParser parser;
    const std::string bytes = text + "\r\n";
    std::string_view input = bytes;
    EXPECT_EQ(parser.feed(input), SmtpReplyParser::State::complete);
    const SmtpClient::Step step = client.on_reply(parser.take());
    said.push_back(step.next == Next::message ? "<message>" : step.send);
    if (step.next == Next::close) {
      break;
    }
  }
  return said;
}

SmtpClient client_for(std::vector<std::string> recipients = {"x@b.example"}) {
  SmtpErrand errand;
  errand.hello = "me.example";
  errand.sender = "s@a.example";
  errand.recipients = std::move(recipients);
  return SmtpClient(std::move(errand));
}

using Lines = std::vector<std::string>;

TEST(SmtpClient, AWholeSession) {
  SmtpClient client = client_for({"x@b.example", "two words@b.example"});
  EXPECT_EQ(
      talk(client, {"220 hi", "250 me", "250 s", "250 x", "251 y", "354 go", "250 done"}),
      (Lines{"EHLO me.example\r\n", "MAIL FROM:<s@a.example>\r\n", "RCPT TO:<x@b.example>\r\n",
             "RCPT TO:<\"two words\"@b.example>\r\n", "DATA\r\n", "<message>", "QUIT\r\n"}));
  EXPECT_EQ(client.outcome().stage, SmtpStage::message);
  EXPECT_EQ(client.outcome().verdict, ReplyClass::positive);
  EXPECT_EQ(client.outcome().reply, "250 done\n");
  ASSERT_EQ(client.recipients().size(), 2U);
  EXPECT_EQ(client.recipients()[1].verdict, ReplyClass::positive);
}

TEST(SmtpClient, HeloWhereEhloIsRefusedForGood) {
  for (const char* refusal : {"500 what", "502 no", "550-no\r\n550 way", "554 no"}) {
    SmtpClient client = client_for();
    const Lines said = talk(client, {"220 hi", refusal, "250 me"});
    EXPECT_EQ(said, (Lines{"EHLO me.example\r\n", "HELO me.example\r\n",
                           "MAIL FROM:<s@a.example>\r\n"}))
        << refusal;
  }
}

struct Ending {
  const char* name;
  Lines replies;
  SmtpStage stage;
  ReplyClass verdict;
  const char* reply;
};

TEST(SmtpClient, WhereAndHowItEnds) {
  const Lines rcpt = {"220 hi", "250 me", "250 s"};
  const auto after = [&rcpt](const Lines& more) {
    Lines all = rcpt;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const ReplyClass temporary = ReplyClass::temporary;
  const ReplyClass permanent = ReplyClass::permanent;
  const Ending endings[] = {
      {"greeting 4", {"421 later"}, SmtpStage::greeting, temporary, "421 later\n"},
      {"greeting 5", {"554 no"}, SmtpStage::greeting, temporary, "554 no\n"},
      {"greeting 250", {"250 hi"}, SmtpStage::greeting, temporary, "250 hi\n"},
      {"greeting odd", {"hello"}, SmtpStage::greeting, temporary, "hello\n"},
      {"ehlo 4", {"220 hi", "421 later"}, SmtpStage::hello, temporary, "421 later\n"},
      {"ehlo 220", {"220 hi", "220 hi"}, SmtpStage::hello, temporary, "220 hi\n"},
      {"helo 5", {"220 hi", "502 no", "550 no"}, SmtpStage::hello, temporary, "550 no\n"},
      {"mail 4", {"220 hi", "250 me", "451 no"}, SmtpStage::sender, temporary, "451 no\n"},
      {"mail 5", {"220 hi", "250 me", "553 no"}, SmtpStage::sender, permanent, "553 no\n"},
      {"mail odd", {"220 hi", "250 me", "hm"}, SmtpStage::sender, temporary, "hm\n"},
      {"rcpt none", after({"450 later"}), SmtpStage::recipients, permanent, ""},
      {"data 4", after({"250 r", "451 no"}), SmtpStage::data, temporary, "451 no\n"},
      {"data 5", after({"250 r", "554 no"}), SmtpStage::data, permanent, "554 no\n"},
      {"dot 4", after({"250 r", "354 go", "451 no"}), SmtpStage::message, temporary,
       "451 no\n"},
      {"dot 5", after({"250 r", "354 go", "554 no"}), SmtpStage::message, permanent,
       "554 no\n"},
      {"dot odd", after({"250 r", "354 go", "okay"}), SmtpStage::message, temporary, "okay\n"},
      {"dot 3", after({"250 r", "250 go", "354 ok"}), SmtpStage::message, ReplyClass::positive,
       "354 ok\n"},
  };
  for (const Ending& ending : endings) {
    SmtpClient client = client_for();
    const Lines said = talk(client, ending.replies);
    EXPECT_EQ(said.size(), ending.replies.size()) << ending.name;
    EXPECT_EQ(said.back(), "QUIT\r\n") << ending.name;
    EXPECT_EQ(client.outcome().stage, ending.stage) << ending.name;
    EXPECT_EQ(client.outcome().verdict, ending.verdict) << ending.name;
    EXPECT_EQ(client.outcome().reply, ending.reply) << ending.name;
  }
}

TEST(SmtpClient, EachRecipientHasItsAnswer) {
  SmtpClient client = client_for({"x@b.example", "y@b.example", "z@b.example", "w@b.example"});
  const Lines said =
      talk(client, {"220 hi", "250 me", "250 s", "550 no", "450 busy", "250 ok", "odd"});
  EXPECT_EQ(said.back(), "DATA\r\n");
  const auto& answers = client.recipients();
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(answers[0].verdict, ReplyClass::permanent);
  EXPECT_EQ(answers[0].reply, "550 no\n");
  EXPECT_EQ(answers[1].verdict, ReplyClass::temporary);
  EXPECT_EQ(answers[2].verdict, ReplyClass::positive);
  EXPECT_EQ(answers[2].reply, "");
  EXPECT_EQ(answers[3].verdict, ReplyClass::temporary);
}

TEST(SmtpClient, AddressesThatNoCommandCanHold) {
  EXPECT_TRUE(can_be_sent(""));
  EXPECT_TRUE(can_be_sent("a b\"\\\x7f\xff@c"));
  EXPECT_FALSE(can_be_sent("a\rb"));
  EXPECT_FALSE(can_be_sent("a\n@b"));
  EXPECT_FALSE(can_be_sent(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace reqmail::proto
