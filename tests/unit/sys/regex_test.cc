#include "sys/regex.h"

#include <gtest/gtest.h>

#include <utility>

namespace reqmail::sys {
namespace {

TEST(Regex, IsExtendedUnanchoredAndWithoutCase) {
  const auto regex = Regex::compile("spam(mer)?@.*\\.example$");
  ASSERT_TRUE(regex);
  EXPECT_TRUE(regex->matches("the.SPAMMER@a.example"));
  EXPECT_TRUE(regex->matches("spam@b.example"));
  EXPECT_FALSE(regex->matches("spam@b.example.net"));
  EXPECT_FALSE(regex->matches(""));
}

TEST(Regex, SaysWhatIsWrongWithAnExpression) {
  for (const char* expression : {"a(b", "[", "*(", "a{2,1}"}) {
    const auto regex = Regex::compile(expression);
    ASSERT_FALSE(regex) << expression;
    EXPECT_NE(regex.error().text, "") << expression;
  }
}

TEST(Regex, CanBeMoved) {
  auto first = Regex::compile("^a$");
  auto second = Regex::compile("^b$");
  ASSERT_TRUE(first && second);
  *first = std::move(*second);
  EXPECT_TRUE(first->matches("b"));
  EXPECT_FALSE(first->matches("a"));
}

}  // namespace
}  // namespace reqmail::sys
