#include "base/netstring.h"

#include <gtest/gtest.h>

namespace reqmail::base {
namespace {

using State = NetstringLength::State;

// Returns the state after all bytes, or after the first byte that ends the length, with the
// length if it is complete.
std::string feed(std::string_view bytes, std::uint64_t limit = 1000) {
  NetstringLength length(limit);
  for (const char c : bytes) {
    switch (length.feed(c)) {
    case State::more:
      break;
    case State::complete:
      return std::to_string(length.length());
    case State::malformed:
      return "malformed";
    case State::too_large:
      return "too large";
    }
  }
  return "more";
}

TEST(NetstringLength, DigitsAndColon) {
  EXPECT_EQ(feed("0:"), "0");
  EXPECT_EQ(feed("999:x"), "999");
  EXPECT_EQ(feed("007:"), "7");
  EXPECT_EQ(feed(":"), "0");
  EXPECT_EQ(feed("12"), "more");
}

TEST(NetstringLength, AnythingElseIsMalformed) {
  for (const char* bad : {"x", "1x:", "-1:", " 1:", "1 :", "1,"}) {
    EXPECT_EQ(feed(bad), "malformed") << bad;
  }
  EXPECT_EQ(feed(std::string(20, '0')), "more");
  EXPECT_EQ(feed(std::string(21, '0')), "malformed");
}

TEST(NetstringLength, Limits) {
  EXPECT_EQ(feed("1000:"), "1000");
  EXPECT_EQ(feed("1001:"), "too large");
  EXPECT_EQ(feed("18446744073709551615:", ~std::uint64_t{0}), "18446744073709551615");
  EXPECT_EQ(feed("18446744073709551616:", ~std::uint64_t{0}), "too large");
  EXPECT_EQ(feed("99999999999999999999:", ~std::uint64_t{0}), "too large");
}

TEST(Netstring, Append) {
  std::string out = "x";
  append_netstring(out, "");
  append_netstring(out, std::string_view("a\0,", 3));
  EXPECT_EQ(out, std::string_view("x0:,3:a\0,,", 10));
}

}  // namespace
}  // namespace reqmail::base
