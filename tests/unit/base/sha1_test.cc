#include "base/sha1.h"

#include <gtest/gtest.h>

#include <string>

#include "base/hash_blocks.h"
#include "base/hmac.h"

namespace reqmail::base {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text.push_back("0123456789abcdef"[static_cast<unsigned char>(c) >> 4]);
    text.push_back("0123456789abcdef"[static_cast<unsigned char>(c) & 15]);
  }
  return text;
}

std::string sha1(std::string_view text, std::size_t piece) {
  Sha1 hash;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    hash.add(text.substr(at, piece));
  }
  const auto digest = hash.finish();
  return hex(digest_bytes(digest));
}

std::string hmac_sha1(std::string_view key, std::string_view text) {
  const auto digest = hmac<Sha1>(key, text);
  return hex(digest_bytes(digest));
}

// The examples of RFC 3174 section 7.3.
TEST(Sha1, TheExamplesOfTheStandard) {
  EXPECT_EQ(sha1("", 1), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(sha1("abc", 3), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 7),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(sha1(std::string(1000000, 'a'), 997), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST(Sha1, TheSizeOfPiecesDoesNotMatter) {
  const std::string text(200, 'x');
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string_view part = std::string_view(text).substr(0, size);
    EXPECT_EQ(sha1(part, 1), sha1(part, 64)) << size;
  }
}

// The examples of RFC 2202 section 3.
TEST(Hmac, TheExamplesOfTheStandard) {
  EXPECT_EQ(hmac_sha1(std::string(20, '\x0b'), "Hi There"),
            "b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(hmac_sha1("Jefe", "what do ya want for nothing?"),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(hmac_sha1(std::string(80, '\xaa'),
                      "Test Using Larger Than Block-Size Key - Hash Key First"),
            "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

}  // namespace
}  // namespace reqmail::base
