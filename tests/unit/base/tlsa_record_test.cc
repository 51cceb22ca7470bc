#include "base/tlsa_record.h"

#include <gtest/gtest.h>

namespace reqmail::base {
namespace {

TEST(TlsaRecord, WhatMailUses) {
  const std::string sha256(32, 'x');
  const std::string sha512(64, 'x');
  EXPECT_TRUE(usable_for_mail({3, 1, 1, sha256}));
  EXPECT_TRUE(usable_for_mail({2, 0, 2, sha512}));
  EXPECT_TRUE(usable_for_mail({3, 0, 0, "certificate"}));
  EXPECT_FALSE(usable_for_mail({0, 1, 1, sha256}));
  EXPECT_FALSE(usable_for_mail({1, 1, 1, sha256}));
  EXPECT_FALSE(usable_for_mail({4, 1, 1, sha256}));
  EXPECT_FALSE(usable_for_mail({3, 2, 1, sha256}));
  EXPECT_FALSE(usable_for_mail({3, 1, 3, sha256}));
  EXPECT_FALSE(usable_for_mail({3, 1, 1, sha512}));
  EXPECT_FALSE(usable_for_mail({3, 1, 2, sha256}));
  EXPECT_FALSE(usable_for_mail({3, 1, 0, ""}));
}

TEST(TlsaRecord, InAZoneFile) {
  EXPECT_EQ(zone_text({3, 1, 1, "\x01\xab"}), "3 1 1 01ab");
}

}  // namespace
}  // namespace reqmail::base
