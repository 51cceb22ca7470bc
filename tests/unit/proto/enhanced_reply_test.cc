#include "proto/enhanced_reply.h"

#include <gtest/gtest.h>

namespace reqmail::proto {
namespace {

TEST(EnhancedReply, MovesTheCodeToTheFront) {
  EXPECT_EQ(enhanced_reply("553 sorry, no (#5.7.1)\r\n", "2.0.0"), "553 5.7.1 sorry, no\r\n");
  EXPECT_EQ(enhanced_reply("235 ok, go ahead (#2.0.0)\r\n", "2.0.0"),
            "235 2.0.0 ok, go ahead\r\n");
}

TEST(EnhancedReply, BlanksAfterTheCodeDoNotHideIt) {
  EXPECT_EQ(enhanced_reply("530 Authorization required (#5.7.1) \r\n", "2.0.0"),
            "530 5.7.1 Authorization required\r\n");
}

TEST(EnhancedReply, APositiveReplyWithoutCodeGetsTheOneThatIsGiven) {
  EXPECT_EQ(enhanced_reply("250 ok\r\n", "2.1.5"), "250 2.1.5 ok\r\n");
  EXPECT_EQ(enhanced_reply("252 send some mail\r\n", "2.0.0"), "252 2.0.0 send some mail\r\n");
}

TEST(EnhancedReply, ANegativeReplyWithoutCodeIsUndefined) {
  EXPECT_EQ(enhanced_reply("554 no\r\n", "2.1.0"), "554 5.0.0 no\r\n");
  EXPECT_EQ(enhanced_reply("451 later\r\n", "2.1.0"), "451 4.0.0 later\r\n");
}

TEST(EnhancedReply, TheClassIsThatOfTheReply) {
  EXPECT_EQ(enhanced_reply("451 later (#5.7.1)\r\n", "2.0.0"), "451 4.7.1 later\r\n");
  EXPECT_EQ(enhanced_reply("550 4.2.10 no\r\n", "2.0.0"), "550 5.2.10 no\r\n");
}

TEST(EnhancedReply, ACodeInFrontStays) {
  EXPECT_EQ(enhanced_reply("550 5.1.1 no such user\r\n", "2.0.0"),
            "550 5.1.1 no such user\r\n");
  EXPECT_EQ(enhanced_reply("550 5.1.1\r\n", "2.0.0"), "550 5.1.1 \r\n");
}

TEST(EnhancedReply, WhatOnlyLooksLikeACodeIsText) {
  EXPECT_EQ(enhanced_reply("550 1.2.3.4 is listed\r\n", "2.0.0"),
            "550 5.0.0 1.2.3.4 is listed\r\n");
  EXPECT_EQ(enhanced_reply("550 see (#5.1) \r\n", "2.0.0"), "550 5.0.0 see (#5.1) \r\n");
  EXPECT_EQ(enhanced_reply("550 see (#5.1.1) there\r\n", "2.0.0"),
            "550 5.0.0 see (#5.1.1) there\r\n");
  EXPECT_EQ(enhanced_reply("550 5.1.1234 x\r\n", "2.0.0"), "550 5.0.0 5.1.1234 x\r\n");
  EXPECT_EQ(enhanced_reply("550 (#5.1.1 x)\r\n", "2.0.0"), "550 5.0.0 (#5.1.1 x)\r\n");
}

TEST(EnhancedReply, AllLinesOfAReplyHaveTheSameCode) {
  EXPECT_EQ(enhanced_reply("550-first\r\n550 last (#5.7.1)\r\n", "2.0.0"),
            "550-5.7.1 first\r\n550 5.7.1 last\r\n");
}

TEST(EnhancedReply, SeveralRepliesAreSeparate) {
  EXPECT_EQ(enhanced_reply("535 no (#5.7.8)\r\n421 too many (#4.7.0)\r\n", "2.0.0"),
            "535 5.7.8 no\r\n421 4.7.0 too many\r\n");
}

TEST(EnhancedReply, IntermediateRepliesAreNoResults) {
  EXPECT_EQ(enhanced_reply("354 go ahead\r\n", "2.0.0"), "354 go ahead\r\n");
  EXPECT_EQ(enhanced_reply("334 \r\n", "2.0.0"), "334 \r\n");
}

TEST(EnhancedReply, ShortLinesStay) {
  EXPECT_EQ(enhanced_reply("250\r\n", "2.0.0"), "250\r\n");
  EXPECT_EQ(enhanced_reply("", "2.0.0"), "");
}

}  // namespace
}  // namespace reqmail::proto
