// The folding of fields.
#include "mail/fold.h"

#include <gtest/gtest.h>

namespace reqmail::mail {
namespace {

TEST(Fold, ShortFieldsStayOnOneLine) {
  EXPECT_EQ(folded("X: a b"), "X: a b\n");
  EXPECT_EQ(folded(""), "\n");
}

TEST(Fold, LongOnesAreCutBeforeABlank) {
  const std::string a(40, 'a');
  const std::string b(40, 'b');
  EXPECT_EQ(folded("X: " + a + " " + b + " c"), "X: " + a + "\n " + b + " c\n");
  // No line consists of blanks only, and a long word is not divided.
  const std::string c(200, 'c');
  EXPECT_EQ(folded("X: " + c + " d"), "X:\n " + c + "\n d\n");
  EXPECT_EQ(folded("X: " + a + "   " + b), "X: " + a + "\n   " + b + "\n");
  EXPECT_EQ(folded("X: " + a + std::string(60, ' ')), "X: " + a + std::string(60, ' ') + "\n");
}

}  // namespace
}  // namespace reqmail::mail
