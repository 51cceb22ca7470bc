#include "sys/secrets.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "sys/stream.h"

namespace reqmail::sys {
namespace {

TEST(Secrets, AWipedStringLeavesNothingInItsMemory) {
  std::string text = "a text that is longer than fits into the object";
  const char* memory = text.data();
  text.resize(7);
  const std::size_t room = text.capacity();
  wipe(text);
  EXPECT_EQ(text, "");
  ASSERT_EQ(text.data(), memory);
  text.resize(room);
  EXPECT_EQ(text, std::string(room, '\0'));
}

TEST(SecretFile, ThereAndGone) {
  const std::string text = std::string(100000, 's') + std::string("\0end", 4);
  auto file = make_secret_file(text);
  ASSERT_TRUE(file);
  const int copy = ::dup(file->get());
  const auto taken = take_secret_file(std::move(*file), text.size());
  ASSERT_TRUE(taken);
  EXPECT_EQ(*taken, text);
  // A process that still has the file open reads zeros.
  ASSERT_EQ(::lseek(copy, 0, SEEK_SET), 0);
  EXPECT_EQ(*read_all(copy, text.size()), std::string(text.size(), '\0'));
  ::close(copy);
}

TEST(SecretFile, TooLongOrNone) {
  auto file = make_secret_file("secret");
  ASSERT_TRUE(file);
  EXPECT_EQ(take_secret_file(std::move(*file), 5).error().error, EMSGSIZE);
  EXPECT_EQ(take_secret_file(Fd(), 5).error().error, EBADF);
  auto empty = make_secret_file("");
  ASSERT_TRUE(empty);
  EXPECT_EQ(*take_secret_file(std::move(*empty), 5), "");
}

}  // namespace
}  // namespace reqmail::sys
