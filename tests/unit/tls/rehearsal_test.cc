// A process shakes hands with itself.
#include "tls/rehearsal.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "sys/clock.h"
#include "tests/unit/support/scratch.h"
#include "tls/make.h"

namespace reqmail::tls {
namespace {

class Rehearsal : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto key = make_key(KeyKind::ec_p256);
    ASSERT_TRUE(key);
    const base::Time now = sys::now();
    const auto certificate =
        make_self_signed(*key, {"host.example"}, {now, now + std::chrono::hours(1)});
    ASSERT_TRUE(certificate);
    settings_.service = "smtp";
    settings_.certificate = scratch_.put("servercert.pem", *certificate + *key);
  }

  tests::Scratch scratch_;
  ServerSettings settings_;
};

TEST_F(Rehearsal, SucceedsAndLeavesTheContextAsItWas) {
  settings_.ticket_keys = std::string(kTicketKeySize, 'k');
  const auto context = Context::server(settings_);
  ASSERT_TRUE(context);
  EXPECT_TRUE(rehearse_handshakes(*context));
  EXPECT_TRUE(rehearse_handshakes(*context));
  EXPECT_EQ(SSL_CTX_get_num_tickets(context->get()), 1U);
  EXPECT_EQ(SSL_CTX_get_max_proto_version(context->get()), TLS1_3_VERSION);
}

TEST_F(Rehearsal, FailsIfAClientWouldFail) {
  // For TLS 1.2 the server has only suites for RSA.
  settings_.ciphers = "ECDHE-RSA-AES128-GCM-SHA256";
  const auto context = Context::server(settings_);
  ASSERT_TRUE(context);
  EXPECT_FALSE(rehearse_handshakes(*context));
}

}  // namespace
}  // namespace reqmail::tls
