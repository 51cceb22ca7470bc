// Memory that is given back.
#include "sys/memory.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reqmail::sys {
namespace {

// How much it saves is seen in the benchmark of idle sessions.
TEST(Memory, WhatIsUsedStays) {
  std::vector<std::string> texts;
  for (std::size_t i = 1; i < 2000; ++i) {
    texts.emplace_back(i, static_cast<char>('a' + i % 20));
  }
  for (std::size_t i = 0; i < texts.size(); i += 2) {
    texts[i] = std::string();
  }
  give_back_memory();
  separate_new_memory();
  for (std::size_t i = 1; i < texts.size(); i += 2) {
    EXPECT_EQ(texts[i], std::string(i + 1, static_cast<char>('a' + (i + 1) % 20)));
  }
}

TEST(Memory, TheStackInUseStays) {
  const std::string text(2000, 'x');
  give_back_stack();
  EXPECT_EQ(text, std::string(2000, 'x'));
}

}  // namespace
}  // namespace reqmail::sys
