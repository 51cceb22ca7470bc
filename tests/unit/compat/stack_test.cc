// What is used of the stack stays when the rest is given back.
#include "compat/stack.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

namespace reqmail::compat {
namespace {

// Uses some KiB of stack below its caller, again and again.
std::size_t use_stack(int depth) {
  volatile char room[1024] = {};
  room[depth] = 'x';
  const std::size_t below = depth == 0 ? 0 : use_stack(depth - 1);
  return below + (room[depth] == 'x' ? 1 : 0);
}

// How much of it is given back is seen in the benchmark of idle sessions.
TEST(Stack, WhatIsUsedStays) {
  std::string text(200, 'a');
  char array[5000];
  for (std::size_t i = 0; i < sizeof array; ++i) {
    array[i] = static_cast<char>('a' + i % 20);
  }
  for (int again = 0; again < 3; ++again) {
    EXPECT_EQ(use_stack(40), 41U);
    errno = EDOM;
    trim_stack();
    EXPECT_EQ(errno, EDOM);
  }
  EXPECT_EQ(text, std::string(200, 'a'));
  for (std::size_t i = 0; i < sizeof array; ++i) {
    ASSERT_EQ(array[i], static_cast<char>('a' + i % 20)) << i;
  }
}

}  // namespace
}  // namespace reqmail::compat
