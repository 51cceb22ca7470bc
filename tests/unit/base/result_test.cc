#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace reqmail {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) {
    return permanent("odd", 22);
  }
  return n / 2;
}

TEST(Result, ValueOrFailure) {
  const Result<int> good = half(4);
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, 2);
  const Result<int> bad = half(3);
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().permanence, Permanence::permanent);
  EXPECT_EQ(bad.error().text, "odd");
  EXPECT_EQ(bad.error().error, 22);
  EXPECT_EQ(half(3).value_or(7), 7);
  EXPECT_EQ(half(6).value_or(7), 3);
}

TEST(Result, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> owner(std::make_unique<int>(5));
  const std::unique_ptr<int> taken = *std::move(owner);
  EXPECT_EQ(*taken, 5);
}

TEST(Result, Nothing) {
  EXPECT_TRUE(Result<void>());
  const Result<void> failed = temporary("later");
  EXPECT_FALSE(failed);
  EXPECT_EQ(failed.error().permanence, Permanence::temporary);
}

}  // namespace
}  // namespace reqmail
