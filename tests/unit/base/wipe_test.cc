#include "base/wipe.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace reqmail::base {
namespace {

TEST(Wipe, TextIsZeroAndEmpty) {
  std::string text = "secret";
  text.reserve(100);
  const char* bytes = text.data();
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(std::string(bytes, 6), std::string(6, '\0'));
}

TEST(Wipe, BytesAfterTheEndAreZero) {
  std::string text = "a long secret, longer than what lies in the object";
  text.resize(3);
  const char* bytes = text.data();
  wipe(text);
  EXPECT_EQ(std::string(bytes, 40), std::string(40, '\0'));
}

TEST(Wipe, ArraysAreOverwritten) {
  std::array<unsigned, 3> items = {1, 2, 3};
  overwrite(items);
  EXPECT_EQ(items, (std::array<unsigned, 3>{}));
}

}  // namespace
}  // namespace reqmail::base
