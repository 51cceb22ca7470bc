#include "smtpd/srs_check.h"

#include <gtest/gtest.h>

#include "auth822/srs.h"
#include "sys/clock.h"
#include "tests/unit/support/control_home.h"

namespace reqmail::smtpd {
namespace {

using SrsCheckTest = tests::ControlHome;

std::string said(const std::string& mailbox, const std::string& sender = "") {
  const auto answer = srs_answer(mailbox, sender);
  return answer.refusal ? proto::smtp_reply_line(*answer.refusal) : "accepted";
}

TEST_F(SrsCheckTest, OnlyGenuineAddressesTakeBounces) {
  auth822::SrsSettings settings;
  settings.domain = "srs.example";
  settings.secrets = {"x"};
  const auto now = static_cast<std::uint64_t>(base::to_epoch(sys::now()));
  const std::string address = *auth822::srs_forward("ann@a.example", settings, now);
  const std::string old = *auth822::srs_forward("ann@a.example", settings, now - 40 * 86400);
  EXPECT_EQ(said("SRS0=abcd=AA=a.example=b@srs.example"), "accepted") << "SRS is off";
  control("srs_domain", "srs.example\n");
  EXPECT_EQ(said("SRS0=abcd=AA=a.example=b@srs.example"), "accepted") << "there are no secrets";
  control("srs_secrets", "x\n");
  EXPECT_EQ(said(address), "accepted");
  EXPECT_EQ(said(address, "a@b.example"),
            "550 sorry, that SRS address takes bounces only (#5.7.1)\r\n");
  EXPECT_EQ(said("SRS0=abcd=AA=a.example=b@srs.example"),
            "550 sorry, that SRS address is not valid (#5.1.1)\r\n");
  EXPECT_EQ(said(old), "550 sorry, that SRS address has expired (#5.1.1)\r\n");
  EXPECT_EQ(said("postmaster@srs.example", "a@b.example"), "accepted");
}

}  // namespace
}  // namespace reqmail::smtpd
