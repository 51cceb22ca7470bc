#include "base/ascii.h"

#include <gtest/gtest.h>

namespace reqmail::base {
namespace {

TEST(Ascii, FoldsAsciiAlone) {
  EXPECT_EQ(lower("ABCxyz-09\xC4\xE4"), "abcxyz-09\xC4\xE4");
  EXPECT_EQ(to_lower('@'), '@');
  EXPECT_EQ(to_lower('['), '[');
}

TEST(Ascii, ComparesWithoutCase) {
  EXPECT_TRUE(equal_ci("Example.ORG", "eXAMPLE.org"));
  EXPECT_FALSE(equal_ci("a", "ab"));
  EXPECT_FALSE(equal_ci("\xC4", "\xE4"));
  EXPECT_TRUE(equal_ci("", ""));
  EXPECT_TRUE(starts_with_ci("Received: x", "received"));
  EXPECT_FALSE(starts_with_ci("Receive", "received"));
  EXPECT_TRUE(ends_with_ci("alice-DEFAULT", "default"));
  EXPECT_FALSE(ends_with_ci("t", "default"));
  EXPECT_FALSE(equal_ci(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

TEST(Ascii, Classes) {
  EXPECT_TRUE(is_digit('0') && is_digit('9'));
  EXPECT_FALSE(is_digit('/') || is_digit(':'));
  EXPECT_TRUE(is_letter('a') && is_letter('Z'));
  EXPECT_FALSE(is_letter('[') || is_letter('`') || is_letter('\xE4'));
  EXPECT_TRUE(is_blank(' ') && is_blank('\t'));
  EXPECT_FALSE(is_blank('\n') || is_blank('\r') || is_blank('\0'));
}

TEST(Ascii, TrimsAsControlFilesDo) {
  EXPECT_EQ(trim_end("x \t\n \n"), "x");
  EXPECT_EQ(trim_end(" x\r"), " x\r");
  EXPECT_EQ(trim_end(" \t\n"), "");
  EXPECT_EQ(trim_start(" \t x "), "x ");
  EXPECT_EQ(trim_start("\nx"), "\nx");
}

}  // namespace
}  // namespace reqmail::base
