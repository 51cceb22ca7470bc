#include <gtest/gtest.h>

#include "base/base64.h"
#include "crypto/digest.h"
#include "crypto/handles.h"
#include "crypto/public_key.h"
#include "tests/unit/support/signed_messages.h"

namespace reqmail::crypto {
namespace {

std::string key_bytes(std::string_view record) {
  return *base::decode_base64(record.substr(record.find("p=") + 2));
}

TEST(Sha256, OfPieces) {
  Sha256 digest;
  digest.update("a");
  digest.update("bc");
  EXPECT_EQ(base::encode_base64(digest.finish()),
            "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
  EXPECT_EQ(sha256("abc").size(), 32U);
}

TEST(PublicKey, BothFormsOfRsa) {
  const auto info = PublicKey::rsa(key_bytes(test::kRsaKey));
  const auto plain = PublicKey::rsa(key_bytes(test::kRsaPlainKey));
  ASSERT_TRUE(info);
  ASSERT_TRUE(plain);
  EXPECT_EQ(info->bits(), 1024U);
  EXPECT_EQ(plain->bits(), 1024U);
  EXPECT_FALSE(info->verify("text", "no signature"));
}

TEST(PublicKey, WhatIsNoKey) {
  const std::string der = key_bytes(test::kRsaKey);
  EXPECT_FALSE(PublicKey::rsa(""));
  EXPECT_FALSE(PublicKey::rsa("garbage"));
  EXPECT_FALSE(PublicKey::rsa(der.substr(0, der.size() - 1)));
  EXPECT_FALSE(PublicKey::rsa(der + "x"));
  // No bytes of the structure around the key can be changed.
  const std::size_t key_at = der.find("\x03\x81") + 4;
  for (std::size_t at = 0; at < key_at; ++at) {
    std::string changed = der;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(PublicKey::rsa(changed)) << at;
  }
  std::string negative = der;
  negative[der.find(std::string_view("\x02\x81\x81\x00", 4)) + 3] = '\xff';
  EXPECT_FALSE(PublicKey::rsa(negative));
  EXPECT_FALSE(PublicKey::ed25519(std::string(31, 'x')));
  EXPECT_TRUE(PublicKey::ed25519(key_bytes(test::kEd25519Key)));
}

}  // namespace
}  // namespace reqmail::crypto
