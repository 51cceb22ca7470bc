// The sinks of a message, alone and as a chain.
#include "proto/message_sinks.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::proto {
namespace {

// The end of a chain; it keeps what a sink at the end would store.
class Kept final : public MessageSink {
 public:
  void take(std::string_view block) override {
    if (!given_up) {
      bytes += block;
      ++blocks;
    }
  }

  void give_up() override { given_up = true; }

  std::string bytes;
  int blocks = 0;
  bool given_up = false;
};

bool loops(std::string_view header, std::size_t piece) {
  HopCounter counter;
  for (std::size_t i = 0; i < header.size(); i += piece) {
    counter.feed(header.substr(i, piece));
  }
  return counter.too_many();
}

std::string repeated(std::string_view line, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) {
    all.append(line);
  }
  return all;
}

TEST(HopCounter, HundredHopsAreTooMany) {
  for (const char* line : {"Received: x\n", "DELIVERED-TO: y\n", "received\n", "Delivered..\n",
                           "Received-SPF: pass\n"}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{100000}}) {
      EXPECT_FALSE(loops(repeated(line, 99) + "\n", piece)) << line;
      EXPECT_TRUE(loops(repeated(line, 100) + "\n", piece)) << line;
    }
  }
}

TEST(HopCounter, OtherLinesAndTheBodyDoNotCount) {
  EXPECT_FALSE(loops(repeated(" Received: x\n", 200), 100));
  EXPECT_FALSE(loops(repeated("Delivery: x\n", 200), 100));
  EXPECT_FALSE(loops(repeated("X-Received: x\n", 200), 100));
  EXPECT_FALSE(loops("Subject: x\n\n" + repeated("Received: x\n", 200), 100));
}

TEST(MessageSinks, BlocksGoThroughAsTheyAre) {
  Kept kept;
  SizeSink size(0, kept);
  HopSink hops(size);
  for (const char* block : {"Subject: x\n", "", "\nbody", "\n"}) {
    hops.take(block);
  }
  EXPECT_EQ(kept.bytes, "Subject: x\n\nbody\n");
  EXPECT_EQ(kept.blocks, 4);
  EXPECT_EQ(size.size(), kept.bytes.size());
  EXPECT_FALSE(hops.too_many() || kept.given_up);
}

TEST(MessageSinks, TheBlockThatPassesTheLimitIsNotKept) {
  Kept kept;
  SizeSink size(10, kept);
  size.take("0123456789");
  EXPECT_FALSE(kept.given_up);
  size.take("x");
  EXPECT_TRUE(kept.given_up);
  size.take("more");
  EXPECT_EQ(kept.bytes, "0123456789");
  EXPECT_EQ(size.size(), 15U);
}

// Both sinks count to the end, whichever gave up first.
TEST(MessageSinks, HopsAreCountedInWhatIsTooLarge) {
  Kept kept;
  SizeSink size(10, kept);
  HopSink hops(size);
  hops.take(repeated("Received: x\n", 99));
  EXPECT_TRUE(kept.given_up);
  EXPECT_FALSE(hops.too_many());
  hops.take("Received: x\n");
  EXPECT_TRUE(hops.too_many());
  EXPECT_EQ(size.size(), 1200U);
}

TEST(MessageSinks, ALoopIsGivenUpAndMeasured) {
  Kept kept;
  SizeSink size(0, kept);
  HopSink hops(size);
  hops.take(repeated("Received: x\n", 100));
  EXPECT_TRUE(kept.given_up);
  EXPECT_EQ(kept.bytes, "");
  EXPECT_EQ(size.size(), 1200U);
}

TEST(MessageSinks, GivingUpGoesDownTheChain) {
  Kept kept;
  SizeSink size(0, kept);
  HopSink hops(size);
  hops.give_up();
  EXPECT_TRUE(kept.given_up);
}

}  // namespace
}  // namespace reqmail::proto
