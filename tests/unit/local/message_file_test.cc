#include "local/message_file.h"

#include <gtest/gtest.h>

#include <string>

#include "sys/fd.h"
#include "tests/unit/local/support.h"

namespace reqmail::local {
namespace {

constexpr char kLine[] = "Delivered-To: a@b\n";

bool loops(const std::string& content) {
  const sys::Fd file = message_with(content);
  MessageFile message(file.get());
  const auto checked = check_loop(message, kLine);
  if (!checked) {
    EXPECT_EQ(checked.error().permanence, Permanence::permanent);
    EXPECT_EQ(checked.error().text,
              "This message is looping: it already has my Delivered-To line. (#5.4.6)");
  }
  return !checked;
}

TEST(CheckLoop, FindsTheVeryLine) {
  EXPECT_TRUE(loops("Delivered-To: a@b\n\nx\n"));
  EXPECT_TRUE(loops("X: y\nDelivered-To: a@b\n"));
  EXPECT_FALSE(loops("delivered-to: a@b\n\nx\n"));
  EXPECT_FALSE(loops("Delivered-To: a@b.\n"));
  EXPECT_FALSE(loops("Delivered-To: a@b\r\n"));
  EXPECT_FALSE(loops(" Delivered-To: a@b\n"));
  EXPECT_FALSE(loops("Delivered-To: a@b"));
  EXPECT_FALSE(loops(""));
}

TEST(CheckLoop, LooksAtTheHeaderOnly) {
  EXPECT_FALSE(loops("X: y\n\nDelivered-To: a@b\n"));
  EXPECT_FALSE(loops("\nDelivered-To: a@b\n"));
}

TEST(CheckLoop, LongLinesAndPieces) {
  EXPECT_TRUE(loops("X: " + std::string(70000, 'y') + "\nDelivered-To: a@b\n\n"));
  // The line begins in one piece of 64 KiB and ends in the next.
  EXPECT_TRUE(loops(std::string(65530, 'x') + "\nDelivered-To: a@b\n\n"));
  EXPECT_FALSE(
      loops(std::string(65530, 'x') + "\n" + std::string(kLine).substr(0, 17) + "c\n"));
  // The part of a long line that is kept must not match as if it were the whole line.
  EXPECT_FALSE(loops("Delivered-To: a@b" + std::string(100000, 'b') + "\n"));
}

TEST(MessageFile, ReadsFromItsStartAgainAndAgain) {
  const sys::Fd file = message_with(std::string(100000, 'm'));
  MessageFile message(file.get());
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(message.rewind());
    std::size_t size = 0;
    for (;;) {
      const auto piece = message.next();
      ASSERT_TRUE(piece);
      if (piece->empty()) {
        break;
      }
      size += piece->size();
    }
    EXPECT_EQ(size, 100000U);
  }
}

TEST(MessageFile, PipesCannotBeRewound) {
  auto pipe = sys::make_pipe();
  ASSERT_TRUE(pipe);
  MessageFile message(pipe->read.get());
  const auto rewound = message.rewind();
  ASSERT_FALSE(rewound);
  EXPECT_EQ(rewound.error().text, "Unable to rewind message. (#4.3.0)");
}

TEST(MessageFile, ReadErrors) {
  const TemporaryHome home;
  auto directory = sys::Fd(-1);
  MessageFile message(directory.get());
  const auto piece = message.next();
  ASSERT_FALSE(piece);
  EXPECT_EQ(piece.error().text, "Unable to read message: file descriptor not open. (#4.3.0)");
  EXPECT_EQ(piece.error().permanence, Permanence::temporary);
}

}  // namespace
}  // namespace reqmail::local
