#include "compat/heap.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reqmail::compat {
namespace {

// How much memory it saves is seen in the installed programs (test_the_memory_of_the_tutorial).
TEST(Heap, GrowsInSmallStepsToo) {
  set_heap_step(0);
  std::vector<std::string> texts;
  for (std::size_t i = 1; i < 500; ++i) {
    texts.emplace_back(i * 10, static_cast<char>('a' + i % 20));
  }
  for (std::size_t i = 1; i < 500; ++i) {
    EXPECT_EQ(texts[i - 1], std::string(i * 10, static_cast<char>('a' + i % 20)));
  }
}

TEST(Heap, KeepsWhatIsUsedWhenItIsTrimmed) {
  const std::string kept(100000, 'x');
  trim_heap();
  EXPECT_EQ(kept, std::string(100000, 'x'));
}

// Sanitizers have a heap of their own, of which nothing is taken; test_listen_memory sees the
// effect.
TEST(Heap, KeepsWhatIsUsedWhenItsHolesAreFilled) {
  std::vector<std::string> kept;
  for (std::size_t i = 1; i < 500; ++i) {
    const std::string freed(i * 7, 'x');
    kept.emplace_back(i * 10, static_cast<char>('a' + i % 20));
  }
  fill_holes();
  const std::string more(5000, 'y');
  for (std::size_t i = 1; i < 500; ++i) {
    EXPECT_EQ(kept[i - 1], std::string(i * 10, static_cast<char>('a' + i % 20)));
  }
  EXPECT_EQ(more, std::string(5000, 'y'));
}

}  // namespace
}  // namespace reqmail::compat
