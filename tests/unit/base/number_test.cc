#include "base/number.h"

#include <gtest/gtest.h>

#include <limits>
#include <type_traits>

#include "base/narrow.h"

namespace reqmail::base {
namespace {

constexpr auto kLargest = std::numeric_limits<std::uint64_t>::max();

TEST(Number, WholeFieldOrNothing) {
  EXPECT_EQ(parse_u64("0"), 0U);
  EXPECT_EQ(parse_u64("007"), 7U);
  EXPECT_EQ(parse_u64("18446744073709551615"), kLargest);
  for (const char* field :
       {"", " 1", "1 ", "+1", "-1", "1x", "0x1", "18446744073709551616", "1\n"}) {
    EXPECT_EQ(parse_u64(field), std::nullopt) << '"' << field << '"';
  }
  EXPECT_EQ(parse_u64(std::string_view("1\0", 2)), std::nullopt);
}

TEST(Number, Octal) {
  EXPECT_EQ(parse_octal("0644"), 0644U);
  EXPECT_EQ(parse_octal("8"), std::nullopt);
  EXPECT_EQ(parse_octal(""), std::nullopt);
}

TEST(Number, LeadingDigitsCount) {
  EXPECT_EQ(leading_number("20k"), 20U);
  EXPECT_EQ(leading_number("7"), 7U);
  EXPECT_EQ(leading_number("k20"), std::nullopt);
  EXPECT_EQ(leading_number(""), std::nullopt);
  EXPECT_EQ(leading_number("-1"), std::nullopt);
  EXPECT_EQ(leading_number("99999999999999999999999 x"), kLargest);
  EXPECT_EQ(leading_digits("123abc"), 3U);
  EXPECT_EQ(leading_digits("abc"), 0U);
}

TEST(Number, Decimal) {
  EXPECT_EQ(decimal(0), "0");
  EXPECT_EQ(decimal(kLargest), "18446744073709551615");
  EXPECT_EQ(decimal_padded(7, 2), "07");
  EXPECT_EQ(decimal_padded(123, 2), "123");
  EXPECT_EQ(decimal_padded(0, 0), "0");
}

TEST(Number, NarrowIsTheSameNumber) {
  static_assert(
      std::is_same_v<decltype(narrow<std::uint16_t>(std::uint64_t{1})), std::uint16_t>);
  EXPECT_EQ(narrow<std::uint16_t>(std::uint64_t{65535}), 65535U);
  EXPECT_EQ(narrow<long>(std::int64_t{-5}), -5);
}

}  // namespace
}  // namespace reqmail::base
