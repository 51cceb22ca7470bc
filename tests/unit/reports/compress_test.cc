#include "reports/compress.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "sys/stream.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::reports {
namespace {

TEST(Compress, TheSameTextGivesTheSameBytes) {
  const testing::TemporaryHome home;
  const std::string text(100000, 'x');
  const auto first = compressed(text, ".");
  const auto second = compressed(text, ".");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->substr(0, 2), "\x1f\x8b");
  EXPECT_LT(first->size(), text.size() / 10);
  EXPECT_EQ(*first, *second);
  EXPECT_FALSE(compressed(text, "./none"));
}

TEST(Compress, AFileWithoutANameHasTheText) {
  const testing::TemporaryHome home;
  const auto file = unnamed_file(".", "text");
  ASSERT_TRUE(file);
  EXPECT_EQ(*sys::read_all(file->get(), 100), "text");
}

}  // namespace
}  // namespace reqmail::reports
