#include "tls/tlsa.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "sys/clock.h"
#include "tls/make.h"
#include "tls/pem_file.h"

namespace reqmail::tls {
namespace {

const CertificateBytes kCertificate = {"whole", "key"};

// As sha256sum(1) and sha512sum(1) print them.
constexpr const char* kWhole256 =
    "5d5766cf2d78701614200418ee1450690d9af12c84d52545e4802f001ad53099";
constexpr const char* kKey256 =
    "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683";
constexpr const char* kKey512 =
    "8335fa56d487562de248f47befc72743334051ddffcc2c09275f665454990317"
    "594745ee17c08f798cd7dce0ba8155dcda14f6398c1d1545116520a133017c09";

std::string bytes_of(std::string_view digits) {
  std::string bytes;
  for (std::size_t at = 0; at < digits.size(); at += 2) {
    bytes.push_back(*base::hex_byte(digits, at));
  }
  return bytes;
}

TEST(Tlsa, DataAsItIs) {
  EXPECT_TRUE(has_data_of({3, 0, 0, "whole"}, kCertificate));
  EXPECT_TRUE(has_data_of({2, 1, 0, "key"}, kCertificate));
  EXPECT_FALSE(has_data_of({3, 1, 0, "whole"}, kCertificate));
  EXPECT_FALSE(has_data_of({3, 0, 0, "whol"}, kCertificate));
  EXPECT_FALSE(has_data_of({3, 2, 0, "whole"}, kCertificate));
  EXPECT_FALSE(has_data_of({3, 0, 3, "whole"}, kCertificate));
}

TEST(Tlsa, Digests) {
  EXPECT_TRUE(has_data_of({3, 0, 1, bytes_of(kWhole256)}, kCertificate));
  EXPECT_TRUE(has_data_of({3, 1, 1, bytes_of(kKey256)}, kCertificate));
  EXPECT_TRUE(has_data_of({3, 1, 2, bytes_of(kKey512)}, kCertificate));
  EXPECT_FALSE(has_data_of({3, 0, 1, bytes_of(kKey256)}, kCertificate));
  EXPECT_FALSE(has_data_of({3, 1, 2, bytes_of(kKey256)}, kCertificate));
  EXPECT_FALSE(has_data_of({3, 1, 1, bytes_of(kKey256).substr(1)}, kCertificate));
}

TEST(Tlsa, TheRecordToPublish) {
  EXPECT_EQ(base::zone_text(record_of_key(kCertificate)), std::string("3 1 1 ") + kKey256);
}

TEST(Tlsa, TheKeyStaysWhenTheCertificateIsRenewed) {
  const auto key = make_key(KeyKind::ec_p256);
  ASSERT_TRUE(key);
  const base::Time now = sys::now();
  const auto bytes = [&](base::Seconds length) {
    return PemFile::parse(*make_self_signed(*key, {"h.example"}, {now, now + length}))
        ->bytes(0);
  };
  const CertificateBytes old = bytes(base::Seconds(60));
  const CertificateBytes renewed = bytes(base::Seconds(600));
  EXPECT_TRUE(has_data_of(record_of_key(old), renewed));
  EXPECT_TRUE(has_data_of({3, 0, 0, old.whole}, old));
  EXPECT_FALSE(has_data_of({3, 0, 0, old.whole}, renewed));
}

}  // namespace
}  // namespace reqmail::tls
