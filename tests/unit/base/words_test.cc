// The words of a line.
#include "base/words.h"

#include <gtest/gtest.h>

namespace reqmail::base {
namespace {

TEST(Words, AreTakenOneByOne) {
  std::string_view text = " \tone  two";
  EXPECT_EQ(take_word(text), "one");
  EXPECT_EQ(text, "  two");
  EXPECT_EQ(take_word(text), "two");
  EXPECT_EQ(take_word(text), "");
}

TEST(Words, BlanksAloneAreNone) {
  std::string_view text = " \t ";
  EXPECT_EQ(take_word(text), "");
  EXPECT_EQ(text, "");
}

}  // namespace
}  // namespace reqmail::base
