// TLS of forked sessions: what is loaded before the fork.
#include "smtpd/forked_tls.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "smtpd/forked_tls_here.h"
#include "tests/unit/support/control_home.h"

namespace reqmail::smtpd {
namespace {

class ForkedTlsTest : public tests::ControlHome {
 protected:
  void SetUp() override {
    ::clearenv();
    control("me", "host.example\n");
    auto files = load_shared_smtpd_files();
    ASSERT_TRUE(files);
    files_ = *std::move(files);
  }

  SmtpdFiles files_;
};

TEST_F(ForkedTlsTest, WithoutACertificateNothingIsLoadedOrOffered) {
  ForkedTlsHere tls;
  tls.load(files_, {});
  EXPECT_FALSE(tls.make(files_, smtpd_environment())->offered());
}

TEST_F(ForkedTlsTest, ACertificateThatIsNoneIsTheSessionsFailure) {
  control("servercert.pem", "garbage");
  ForkedTlsHere tls;
  tls.load(files_, {});
  const auto start = tls.make(files_, smtpd_environment());
  EXPECT_TRUE(start->offered());
  EXPECT_FALSE(start->prepare({}));
  tls.forget();
}

TEST_F(ForkedTlsTest, ForbiddenTlsIsNotOffered) {
  control("servercert.pem", "garbage");
  ::setenv("DISABLETLS", "1", 1);
  ForkedTlsHere tls;
  EXPECT_FALSE(tls.make(files_, smtpd_environment())->offered());
}

}  // namespace
}  // namespace reqmail::smtpd
