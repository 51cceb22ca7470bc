#include "filter/milter_reply.h"

#include <gtest/gtest.h>

namespace reqmail::filter {
namespace {

TEST(MilterReply, HasCodeAndLines) {
  const auto reply = parse_milter_reply("550-5.7.1 one\r\n550 5.7.1 two");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->kind, MilterReply::Kind::text);
  EXPECT_EQ(reply->code, 550U);
  EXPECT_EQ(reply->text, "5.7.1 one\n5.7.1 two");
}

TEST(MilterReply, MayHaveNoText) {
  EXPECT_EQ(parse_milter_reply("421")->code, 421U);
  EXPECT_EQ(parse_milter_reply("421 \r\n")->text, "");
}

TEST(MilterReply, IsARefusalWithOneCode) {
  for (const char* const text :
       {"", "250 ok", "350 go on", "55 x", "5x0 x", "550x", "550 a\n551 b", "550 a\nb"}) {
    EXPECT_FALSE(parse_milter_reply(text)) << text;
  }
}

}  // namespace
}  // namespace reqmail::filter
