#include "base/md5.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace reqmail::base {
namespace {

std::string md5(std::string_view text, std::size_t piece = 1000) {
  Md5 digest;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    digest.add(text.substr(at, piece));
  }
  std::string hex;
  for (const std::uint8_t byte : digest.finish()) {
    hex.push_back("0123456789abcdef"[byte >> 4]);
    hex.push_back("0123456789abcdef"[byte & 15]);
  }
  return hex;
}

// The example of RFC 1939 section 7.
TEST(Md5, TheDigestOfApop) {
  EXPECT_EQ(md5_hex("<1896.697170952@dbc.mtview.ca.us>tanstaaf"),
            "c4c9334bac560ecc979e58001b3e22fb");
}

// The examples of RFC 1321 appendix A.5.
TEST(Md5, TheExamplesOfTheStandard) {
  EXPECT_EQ(md5(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5("a"), "0cc175b9c0f1b6a831c399e269772661");
  EXPECT_EQ(md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(md5("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(md5("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
            "d174ab98d277d9f5a5611c2c9f419d9f");
  EXPECT_EQ(md5("1234567890123456789012345678901234567890123456789012345678901234567890"
                "1234567890"),
            "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Md5, PiecesDoNotMatter) {
  const std::string text(200, 'x');
  for (const std::size_t piece : {1, 7, 63, 64, 65, 128}) {
    EXPECT_EQ(md5(text, piece), md5(text)) << piece;
  }
}

// The examples of RFC 2202 section 2 and RFC 2195.
TEST(Md5, Hmac) {
  EXPECT_EQ(hmac_md5_hex(std::string(16, '\x0b'), "Hi There"),
            "9294727a3638bb1c13f48ef8158bfc9d");
  EXPECT_EQ(hmac_md5_hex("Jefe", "what do ya want for nothing?"),
            "750c783e6ab0b503eaa86e310a5db738");
  EXPECT_EQ(hmac_md5_hex(std::string(80, '\xaa'),
                         "Test Using Larger Than Block-Size Key - Hash Key First"),
            "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
  EXPECT_EQ(hmac_md5_hex("tanstaaftanstaaf", "<1896.697170952@postoffice.reston.mci.net>"),
            "b913a602c7eda7a495b4e6e7334d3890");
}

}  // namespace
}  // namespace reqmail::base
