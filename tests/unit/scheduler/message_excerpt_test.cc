#include "scheduler/message_excerpt.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace reqmail::scheduler {
namespace {

const std::string kMessage = "Subject: x\nTo: y\n\nfirst\nsecond\n";

// The copy must not depend on how the message is divided.
std::string copy(const ExcerptLimit& limit, std::string_view message = kMessage) {
  std::string whole;
  for (const std::size_t size : {std::size_t{1}, std::size_t{3}, message.size() + 1}) {
    MessageExcerpt excerpt(limit);
    std::string text;
    for (std::size_t at = 0; at < message.size() && !excerpt.is_full(); at += size) {
      text += excerpt.take(message.substr(at, size));
    }
    text += excerpt.finish();
    EXPECT_TRUE(whole.empty() || whole == text) << size;
    whole = text;
  }
  return whole;
}

TEST(MessageExcerpt, WithoutLimitItIsTheMessage) {
  EXPECT_EQ(copy({}), kMessage);
  EXPECT_EQ(copy({}, "Subject: x\n\nno line end"), "Subject: x\n\nno line end");
}

TEST(MessageExcerpt, IsCutAtTheEndOfALine) {
  const std::string cut(kCutHere);
  EXPECT_EQ(copy({kMessage.size()}), kMessage);
  EXPECT_EQ(copy({kMessage.size() - 1}), "Subject: x\nTo: y\n\nfirst\n" + cut);
  EXPECT_EQ(copy({24}), "Subject: x\nTo: y\n\nfirst\n" + cut);
  EXPECT_EQ(copy({23}), "Subject: x\nTo: y\n\n" + cut);
  EXPECT_EQ(copy({12}), "Subject: x\n" + cut);
  EXPECT_EQ(copy({3}), cut);
  EXPECT_EQ(copy({100}, "Subject: x\n\nno line end"), "Subject: x\n\nno line end");
}

TEST(MessageExcerpt, InAPartTheCutIsNoField) {
  const std::string cut(kCutHere);
  EXPECT_EQ(copy({12, false, true}), "Subject: x\n\n" + cut);
  EXPECT_EQ(copy({23, false, true}), "Subject: x\nTo: y\n\n" + cut);
}

TEST(MessageExcerpt, HeaderAlone) {
  EXPECT_EQ(copy({0, true}), "Subject: x\nTo: y\n");
  EXPECT_EQ(copy({1000, true}), "Subject: x\nTo: y\n");
  EXPECT_EQ(copy({12, true, true}), "Subject: x\n\n" + std::string(kCutHere));
  EXPECT_EQ(copy({0, true}, "\nbody\n"), "");
  EXPECT_EQ(copy({0, true}, "Subject: x\n"), "Subject: x\n");
}

}  // namespace
}  // namespace reqmail::scheduler
