#include "proto/smtp_data_out.h"

#include <gtest/gtest.h>

namespace reqmail::proto {
namespace {

// Returns the encoded message, after a check that pieces of every size give the same; "partial"
// if it cannot be sent.
std::string encode(std::string_view message, bool fold = false) {
  std::string result;
  for (std::size_t piece = 1; piece <= message.size() + 1; ++piece) {
    SmtpDataEncoder encoder(fold);
    std::string out;
    for (std::size_t at = 0; at < message.size(); at += piece) {
      encoder.encode(message.substr(at, piece), out);
    }
    const std::string whole = encoder.finish(out) ? out : "partial";
    if (piece > 1) {
      EXPECT_EQ(whole, result) << piece;
    }
    result = whole;
  }
  return result;
}

TEST(SmtpDataEncoder, LinesAndDots) {
  EXPECT_EQ(encode(""), ".\r\n");
  EXPECT_EQ(encode("\n"), "\r\n.\r\n");
  EXPECT_EQ(encode("a\nb.c\n"), "a\r\nb.c\r\n.\r\n");
  EXPECT_EQ(encode(".\n..\n.x\n\n.\n"), "..\r\n...\r\n..x\r\n\r\n..\r\n.\r\n");
}

TEST(SmtpDataEncoder, LongLinesAreFoldedOnlyOnRequest) {
  const std::string fits(998, 'x');
  const std::string rest(997, 'y');
  EXPECT_EQ(encode(fits + "y\n"), fits + "y\r\n.\r\n");
  EXPECT_EQ(encode(fits + "\n", true), fits + "\r\n.\r\n");
  EXPECT_EQ(encode(fits + "\r\n", true), fits + "\r\n.\r\n");
  EXPECT_EQ(encode(fits + "y\n", true), fits + "\r\n y\r\n.\r\n");
  EXPECT_EQ(encode(fits + rest + "\nz\n", true), fits + "\r\n " + rest + "\r\nz\r\n.\r\n");
  EXPECT_EQ(encode(fits + rest + ".z\n", true), fits + "\r\n " + rest + "\r\n .z\r\n.\r\n");
  // A CR that belongs to no line end is a blank of the line.
  EXPECT_EQ(encode(fits + "\rz\n", true), fits + "\r\n  z\r\n.\r\n");
}

TEST(SmtpDataEncoder, LastLineMustEnd) {
  EXPECT_EQ(encode("a"), "partial");
  EXPECT_EQ(encode("a\n."), "partial");
  EXPECT_EQ(encode("a\r"), "partial");
  EXPECT_EQ(encode("a\n\r"), "partial");
  EXPECT_EQ(encode(std::string_view("\0", 1)), "partial");
}

TEST(SmtpDataEncoder, CarriageReturns) {
  EXPECT_EQ(encode("a\r\nb\r\n"), "a\r\nb\r\n.\r\n");
  EXPECT_EQ(encode("a\rb\n"), "a b\r\n.\r\n");
  EXPECT_EQ(encode("a\r\r\n"), "a \r\n.\r\n");
  EXPECT_EQ(encode("\r\n.\r\n"), "\r\n..\r\n.\r\n");
  EXPECT_EQ(encode("\r.\r\n"), " .\r\n.\r\n");
  EXPECT_EQ(encode(".\r.\n"), ".. .\r\n.\r\n");
}

TEST(SmtpDataEncoder, NulIsABlank) {
  EXPECT_EQ(encode(std::string_view("a\0b\n\0.\n", 7)), "a b\r\n .\r\n.\r\n");
}

TEST(SmtpDataEncoder, EightBitStays) {
  EXPECT_EQ(encode("\xe9\xff\x80\n"), "\xe9\xff\x80\r\n.\r\n");
}

// Encodes every message of up to seven of the special bytes: the result has no CR or LF alone,
// and the only lone dot is at its end.
TEST(SmtpDataEncoder, NothingEndsAMessageEarly) {
  constexpr std::string_view kBytes("\r\n.\0a", 5);
  for (std::size_t length = 0; length <= 7; ++length) {
    std::size_t count = 1;
    for (std::size_t i = 0; i < length; ++i) {
      count *= kBytes.size();
    }
    for (std::size_t n = 0; n < count; ++n) {
      std::string message;
      for (std::size_t i = 0, rest = n; i < length; ++i, rest /= kBytes.size()) {
        message.push_back(kBytes[rest % kBytes.size()]);
      }
      message.push_back('\n');
      SmtpDataEncoder encoder;
      std::string out;
      encoder.encode(message, out);
      ASSERT_TRUE(encoder.finish(out));
      const std::string wire = "\r\n" + out;
      ASSERT_EQ(wire.find("\r\n.\r\n"), wire.size() - 5);
      for (std::size_t at = 0; at < wire.size(); ++at) {
        ASSERT_NE(wire[at], '\0');
        if (wire[at] == '\r') {
          ASSERT_EQ(wire[at + 1], '\n');
        }
        if (wire[at] == '\n') {
          ASSERT_EQ(wire[at - 1], '\r');
        }
      }
    }
  }
}

}  // namespace
}  // namespace reqmail::proto
