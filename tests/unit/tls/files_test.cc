// PEM files, OpenSSL's errors, and the transport below a connection.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cerrno>
#include <memory>
#include <string>

#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/stream.h"
#include "tls/context.h"
#include "tls/error.h"
#include "tls/handles.h"
#include "tls/make.h"
#include "tls/pem_file.h"
#include "tls/pem_text.h"
#include "tls/wire.h"

namespace reqmail::tls {
namespace {

TEST(PemFile, ACertificateAndItsKey) {
  const auto key = make_key(KeyKind::ec_p256);
  const auto other = make_key(KeyKind::ec_p256);
  const base::Time now = sys::now();
  const auto certificate = make_self_signed(
      *key, {"h.example", "*.h.example"}, {now - base::Seconds(60), now + base::Seconds(600)});
  ASSERT_TRUE(key && other && certificate);
  const auto both = PemFile::parse("text around it\n" + *certificate + *key);
  ASSERT_TRUE(both);
  ASSERT_EQ(both->certificates().size(), 1U);
  const CertificateFacts& facts = both->certificates().front();
  EXPECT_EQ(facts.names, (std::vector<std::string>{"h.example", "*.h.example"}));
  EXPECT_EQ(facts.key, "EC P-256");
  EXPECT_TRUE(facts.self_signed);
  EXPECT_FALSE(facts.authority);
  EXPECT_TRUE(both->has_key());
  EXPECT_TRUE(both->is_for_key_of(*both));
  EXPECT_FALSE(both->is_for_key_of(*PemFile::parse(*other)));
  EXPECT_TRUE(both->verify_error(now)) << "no CA of this system knows it";
  EXPECT_EQ(both->certificates_text(), *certificate);
  EXPECT_EQ(both->key_text(), *key);
}

TEST(PemFile, NothingAndDamage) {
  const auto nothing = PemFile::parse("no PEM here\n");
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->certificates().empty());
  EXPECT_FALSE(nothing->has_key());
  EXPECT_FALSE(
      PemFile::parse("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
}

TEST(PemText, ThereAndBack) {
  const Handle<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const std::string text = key_to_text(*key);
  EXPECT_TRUE(text.starts_with("-----BEGIN PRIVATE KEY-----\n"));
  const Handle<BIO> reader = reader_of(text);
  const Handle<BIO> memory(BIO_new(BIO_s_mem()));
  ASSERT_TRUE(reader && memory);
  char buffer[2000];
  const int count = BIO_read(reader.get(), buffer, sizeof buffer);
  ASSERT_EQ(BIO_write(memory.get(), buffer, count), count);
  EXPECT_EQ(text_of(*memory), text);
  EXPECT_LE(no_password(buffer, sizeof buffer, 0, nullptr), 0);
}

TEST(TlsError, TheOldestReasonAndNothingAfterIt) {
  ERR_clear_error();
  EXPECT_EQ(take_reason(), "unknown reason");
  ERR_raise(ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH);
  ERR_raise(ERR_LIB_X509, X509_R_UNKNOWN_NID);
  const Failure failure = tls_failure("unable to use it", EPROTO);
  EXPECT_EQ(failure.text, "unable to use it: key values mismatch");
  EXPECT_EQ(failure.error, EPROTO);
  EXPECT_EQ(failure.permanence, Permanence::temporary);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(CipherList, LinesOfAControlFile) {
  EXPECT_EQ(cipher_list({}), "");
  EXPECT_EQ(cipher_list({"A:B", "C"}), "A:B:C");
}

class WireTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto pair = sys::make_socket_pair();
    ASSERT_TRUE(pair);
    ours_ = std::move(pair->one);
    theirs_ = std::move(pair->other);
    wire_ = std::make_unique<Wire>(ours_.get(), ours_.get());
    method_ = make_wire_method();
    bio_ = make_wire_bio(method_.get(), *wire_);
    ASSERT_TRUE(bio_);
  }

  sys::Fd ours_;
  sys::Fd theirs_;
  std::unique_ptr<Wire> wire_;
  Handle<BIO_METHOD> method_;
  Handle<BIO> bio_;
};

TEST_F(WireTest, BytesBothWays) {
  char buffer[100];
  ASSERT_EQ(BIO_write(bio_.get(), "out", 3), 3);
  EXPECT_EQ(*sys::read_some(theirs_.get(), buffer, sizeof buffer), 3U);
  ASSERT_TRUE(sys::write_all(theirs_.get(), "back"));
  EXPECT_EQ(BIO_read(bio_.get(), buffer, sizeof buffer), 4);
  theirs_.close();
  EXPECT_EQ(BIO_read(bio_.get(), buffer, sizeof buffer), 0);
}

TEST_F(WireTest, TheEndOfWaitingMayBeTriedAgain) {
  wire_->clear.wait_at_most(base::Seconds(0));
  char buffer[100];
  EXPECT_EQ(BIO_read(bio_.get(), buffer, sizeof buffer), -1);
  EXPECT_EQ(wire_->error, ETIMEDOUT);
  EXPECT_TRUE(BIO_should_retry(bio_.get()));
}

TEST_F(WireTest, WithoutWaiting) {
  wire_->waits = false;
  sys::set_nonblocking(ours_.get());
  char buffer[100];
  EXPECT_EQ(BIO_read(bio_.get(), buffer, sizeof buffer), -1);
  EXPECT_EQ(wire_->error, EAGAIN);
  EXPECT_TRUE(BIO_should_read(bio_.get()));
  const std::string much(1 << 20, 'x');
  int written = 0;
  while ((written = BIO_write(bio_.get(), much.data(), static_cast<int>(much.size()))) > 0) {
  }
  EXPECT_EQ(wire_->error, EAGAIN);
  EXPECT_TRUE(BIO_should_write(bio_.get()));
}

}  // namespace
}  // namespace reqmail::tls
