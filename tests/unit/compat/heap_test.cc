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

}  // namespace
}  // namespace reqmail::compat
