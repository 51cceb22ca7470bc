#include "mail/quoted_string.h"

#include <gtest/gtest.h>

namespace reqmail::mail {
namespace {

TEST(QuotedString, HasQuotesAroundTheText) {
  EXPECT_EQ(quoted_string(""), "\"\"");
  EXPECT_EQ(quoted_string("ann lee"), "\"ann lee\"");
}

TEST(QuotedString, BackslashesProtectQuotesAndBackslashes) {
  EXPECT_EQ(quoted_string("a\"b\\c"), "\"a\\\"b\\\\c\"");
}

TEST(QuotedString, OtherBytesAreMasked) {
  EXPECT_EQ(quoted_string("a\r\nb\t\x7f\xe9"), "\"a??b???\"");
}

}  // namespace
}  // namespace reqmail::mail
