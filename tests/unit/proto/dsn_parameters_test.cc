#include "proto/dsn_parameters.h"

#include <gtest/gtest.h>

namespace reqmail::proto {
namespace {

TEST(DsnParameters, OfMail) {
  mail::DsnRequest request;
  EXPECT_TRUE(take_dsn_of_mail("FROM:<a@b>", request));
  EXPECT_TRUE(request.empty());
  EXPECT_TRUE(take_dsn_of_mail("FROM:<a@b> ret=hdrs SIZE=5 SIZE=6 ENVID=Q+2B1", request));
  EXPECT_EQ(request.returns, mail::DsnReturn::headers);
  EXPECT_EQ(request.envelope_id, "Q+2B1");
  for (const auto* bad : {"RET=SOME", "ENVID=+ZZ", "ENVID=", "RET=", "RET=FULL ENVID=", "RET",
                          "RET=HDRS ret=FULL", "ENVID=a ENVID=a"}) {
    EXPECT_FALSE(take_dsn_of_mail(std::string("FROM:<a@b> ") + bad, request)) << bad;
  }
  // In the address they are no parameters.
  EXPECT_TRUE(take_dsn_of_mail("FROM:<\" RET=SOME \"@b>", request));
}

TEST(DsnParameters, OfRcpt) {
  mail::DsnRecipient recipient;
  EXPECT_TRUE(take_dsn_of_rcpt("TO:<a@b>", false, recipient));
  EXPECT_FALSE(recipient.notify);
  EXPECT_EQ(recipient.original, "");
  EXPECT_TRUE(
      take_dsn_of_rcpt("TO:<a@b> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;bob+40x", false, recipient));
  EXPECT_EQ(recipient.notify, (mail::DsnNotify{true, false, true}));
  EXPECT_EQ(recipient.original, "rfc822;bob+40x");
  for (const auto* bad : {"NOTIFY=SOMETIMES", "NOTIFY=NEVER,FAILURE", "ORCPT=x", "NOTIFY=",
                          "NOTIFY", "NOTIFY=DELAY NOTIFY=NEVER", "ORCPT=rfc822;j\u00f6@x",
                          "ORCPT=utf-8;j\xf6@x", "ORCPT=rfc822;a orcpt=rfc822;b"}) {
    EXPECT_FALSE(take_dsn_of_rcpt(std::string("TO:<a@b> ") + bad, true, recipient)) << bad;
  }
}

TEST(DsnParameters, AnOriginalRecipientInUtf8) {
  mail::DsnRecipient recipient;
  const std::string raw = "TO:<a@b> ORCPT=utf-8;j\u00f6rg+2B\\x{F6}@x";
  EXPECT_FALSE(take_dsn_of_rcpt(raw, false, recipient));
  EXPECT_TRUE(take_dsn_of_rcpt(raw, true, recipient));
  EXPECT_EQ(recipient.original, "utf-8;j\\x{F6}rg+2B\\x{F6}@x");
  // It is left out if it is too long in ASCII.
  std::string more = raw;
  for (int i = 0; i < 100; ++i) {
    more += "\u00f6";
  }
  mail::DsnRecipient other;
  EXPECT_TRUE(take_dsn_of_rcpt(more, true, other));
  EXPECT_EQ(other.original, "");
}

}  // namespace
}  // namespace reqmail::proto
