#include "proto/smtp_reply.h"

#include <gtest/gtest.h>

namespace reqmail::proto {
namespace {

using State = SmtpReplyParser::State;

// Parses bytes that contain exactly one reply, in pieces of every size.
SmtpReply parse(std::string_view bytes) {
  SmtpReply whole;
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    SmtpReplyParser parser;
    State state = State::more;
    std::string_view rest = bytes;
    while (!rest.empty()) {
      std::string_view input = rest.substr(0, piece);
      rest.remove_prefix(input.size());
      state = parser.feed(input);
      EXPECT_TRUE(input.empty());
      EXPECT_EQ(state == State::complete, rest.empty());
    }
    whole = parser.take();
  }
  return whole;
}

TEST(SmtpReply, TheLastLineHasACodeToo) {
  EXPECT_EQ(parse("220-hi\r\n521 no\r\n").code, 220);
  EXPECT_EQ(parse("220-hi\r\n521 no\r\n").last_code, 521);
  EXPECT_EQ(parse("250 ok\r\n").last_code, 250);
  EXPECT_EQ(parse("250-ok\r\nx\r\n").last_code, 0);
  // What has come of a reply without an end.
  SmtpReplyParser parser;
  std::string_view begun = "421-a\r\n451 b";
  EXPECT_EQ(parser.feed(begun), State::more);
  const SmtpReply reply = parser.take();
  EXPECT_EQ(reply.code, 421);
  EXPECT_EQ(reply.last_code, 451);
  EXPECT_EQ(reply.text, "421-a\n451 b");
}

TEST(SmtpReply, OneLine) {
  const SmtpReply reply = parse("250 ok\r\n");
  EXPECT_EQ(reply.code, 250);
  EXPECT_EQ(reply.text, "250 ok\n");
}

TEST(SmtpReply, ManyLinesHaveTheCodeOfTheFirst) {
  const SmtpReply reply = parse("421-busy\r\n220-really\n220 go\r\n");
  EXPECT_EQ(reply.code, 421);
  EXPECT_EQ(reply.text, "421-busy\n220-really\n220 go\n");
}

TEST(SmtpReply, ShortAndOddLinesEndAReply) {
  EXPECT_EQ(parse("250\r\n").code, 250);
  EXPECT_EQ(parse("250x\n").code, 250);
  EXPECT_EQ(parse("\n").code, 0);
  EXPECT_EQ(parse("2\n").code, 0);
  EXPECT_EQ(parse("hello\n").code, 0);
  EXPECT_EQ(parse("25o ok\n").code, 0);
  EXPECT_EQ(parse("-250\n").code, 0);
  EXPECT_EQ(parse("250-a\r\n\r\n").text, "250-a\n\n");
}

TEST(SmtpReply, ControlsAreNotShown) {
  EXPECT_EQ(parse(std::string_view("550 a\x1b[31m\a\0b\tc\x7f\xe9\rd\r\n", 21)).text,
            "550 a?[31m??b\tc?\xe9"
            "d\n");
}

TEST(SmtpReply, WhatFollowsIsLeft) {
  SmtpReplyParser parser;
  std::string_view input = "250 a\r\n354 b\r\n35";
  EXPECT_EQ(parser.feed(input), State::complete);
  EXPECT_EQ(parser.take().text, "250 a\n");
  EXPECT_EQ(parser.feed(input), State::complete);
  EXPECT_EQ(parser.take().code, 354);
  EXPECT_EQ(input, "35");
  EXPECT_EQ(parser.feed(input), State::more);
}

TEST(SmtpReply, TextIsCut) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    bytes += "550-a line that says very little\r\n";
  }
  bytes += "550 end\r\n";
  SmtpReplyParser parser;
  std::string_view input = bytes;
  EXPECT_EQ(parser.feed(input), State::complete);
  EXPECT_EQ(parser.take().text.size(), kReplyTextMax);
}

TEST(SmtpReply, LongLinesAndEndlessRepliesAreRefused) {
  const std::string longest = std::string(kReplyLineMax - 2, '2') + "\r\n";
  const std::string longer = "2" + longest;
  std::string_view input = longest;
  EXPECT_EQ(SmtpReplyParser().feed(input), State::complete);
  input = longer;
  EXPECT_EQ(SmtpReplyParser().feed(input), State::too_long);

  SmtpReplyParser parser;
  std::size_t fed = 0;
  State state = State::more;
  while (state == State::more) {
    std::string_view line = "220-more\r\n";
    fed += line.size();
    state = parser.feed(line);
  }
  EXPECT_EQ(state, State::too_long);
  EXPECT_GE(fed, kReplyMax);
  EXPECT_LT(fed, kReplyMax + 20);
}

}  // namespace
}  // namespace reqmail::proto
