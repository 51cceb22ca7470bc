#include "crypto/private_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "crypto/key_file.h"
#include "crypto/public_key.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::crypto {
namespace {

std::optional<PublicKey> public_key(const PrivateKey& key) {
  return key.kind() == KeyKind::rsa ? PublicKey::rsa(key.public_bytes())
                                    : PublicKey::ed25519(key.public_bytes());
}

TEST(PrivateKey, SignsWhatItsPublicKeyVerifies) {
  for (const KeyKind kind : {KeyKind::rsa, KeyKind::ed25519}) {
    const auto key = PrivateKey::generate(kind, 1024);
    ASSERT_TRUE(key);
    const auto known = public_key(*key);
    ASSERT_TRUE(known);
    const std::string signature = key->sign("a text");
    EXPECT_TRUE(known->verify("a text", signature));
    EXPECT_FALSE(known->verify("another text", signature));
  }
}

TEST(PrivateKey, IsTheSameAfterPem) {
  for (const KeyKind kind : {KeyKind::rsa, KeyKind::ed25519}) {
    const auto key = PrivateKey::generate(kind, 2048);
    ASSERT_TRUE(key);
    const auto again = PrivateKey::from_pem(key->pem());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->kind(), kind);
    EXPECT_EQ(again->public_bytes(), key->public_bytes());
  }
  EXPECT_EQ(PrivateKey::generate(KeyKind::rsa, 2048)->bits(), 2048U);
}

class KeyFile : public ::testing::Test {
 protected:
  std::string write(const std::string& text, mode_t mode = 0640) {
    std::ofstream(path_) << text;
    EXPECT_EQ(::chmod(path_.c_str(), mode), 0);
    return path_;
  }

  std::string why(const std::string& text, mode_t mode = 0640) {
    const auto key = read_private_key(write(text, mode));
    return key ? std::string() : key.error().text.substr(path_.size());
  }

  tests::Scratch scratch_;
  std::string path_ = scratch_("key");
};

TEST_F(KeyFile, IsRead) {
  const auto key = PrivateKey::generate(KeyKind::ed25519, 0);
  const auto found = read_private_key(write(key->pem()));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->public_bytes(), key->public_bytes());
}

TEST_F(KeyFile, OthersMustNotKnowIt) {
  const std::string pem = PrivateKey::generate(KeyKind::ed25519, 0)->pem();
  EXPECT_EQ(why(pem, 0644), ": every user can read or change it");
  EXPECT_EQ(why(pem, 0642), ": every user can read or change it");
  EXPECT_EQ(why(pem, 0600), "");
}

TEST_F(KeyFile, WhatIsNoKey) {
  const std::string none = ": no private key in PEM of RSA or Ed25519 without a password";
  EXPECT_EQ(why(""), none);
  EXPECT_EQ(why("no key\n"), none);
  EXPECT_EQ(why("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), none);
  const std::string pem = PrivateKey::generate(KeyKind::ed25519, 0)->pem();
  EXPECT_EQ(why(pem.substr(0, pem.size() / 2)), none);
  // An elliptic curve that DKIM does not use.
  EXPECT_EQ(why("-----BEGIN PRIVATE KEY-----\n"
                "MC4CAQAwBQYDK2VuBCIEIHBdPGTWaHgJRvKAvFOqmCZRxJSVy5oYLBWmL5PSxnxp\n"
                "-----END PRIVATE KEY-----\n"),
            none);
  EXPECT_EQ(why(PrivateKey::generate(KeyKind::rsa, 512)->pem()),
            ": the RSA key has 512 bits, not 1024 to 8192");
}

TEST_F(KeyFile, IsMissing) {
  const auto key = read_private_key(scratch_("none"));
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().text, scratch_("none") + ": file does not exist");
  EXPECT_EQ(key.error().permanence, Permanence::temporary);
}

TEST_F(KeyFile, ADirectoryIsNoKey) {
  const auto key = read_private_key(scratch_(""));
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().text.find("not a regular file"), std::string::npos);
}

}  // namespace
}  // namespace reqmail::crypto
