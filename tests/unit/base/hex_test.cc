#include "base/hex.h"

#include <gtest/gtest.h>

namespace reqmail::base {
namespace {

TEST(Hex, Digits) {
  EXPECT_EQ(hex(std::string_view("\x00\x1f\xab\xff", 4)), "001fabff");
  EXPECT_EQ(hex("\xab\xff", HexLetters::upper), "ABFF");
  EXPECT_EQ(hex(""), "");
}

TEST(Hex, OneByte) {
  EXPECT_EQ(hex_byte("x41", 1), 'A');
  EXPECT_EQ(hex_byte("Ff", 0), '\xff');
  EXPECT_EQ(hex_byte("aB", 0, HexLetters::lower), std::nullopt);
  EXPECT_EQ(hex_byte("ab", 0, HexLetters::lower), '\xab');
  EXPECT_EQ(hex_byte("ab", 0, HexLetters::upper), std::nullopt);
  EXPECT_EQ(hex_byte("AB", 0, HexLetters::upper), '\xab');
  for (const char* text : {"", "4", "g0", "0g", " 1", "4%"}) {
    EXPECT_EQ(hex_byte(text, 0), std::nullopt) << text;
  }
  EXPECT_EQ(hex_byte("41", 1), std::nullopt);
  EXPECT_EQ(hex_byte("41", 7), std::nullopt);
}

}  // namespace
}  // namespace reqmail::base
