// Without a qmail-mailauth, neither at the socket nor as a child, every look-up counts as
// failed.
#include "smtpd/judge_client.h"

#include <gtest/gtest.h>

namespace reqmail::smtpd {
namespace {

TEST(JudgeClient, WithoutTheProgramEverythingHasFailed) {
  JudgeClient client({}, base::Seconds(0), "/nowhere/socket");
  for (int again = 0; again < 2; ++again) {
    const judge::SenderAnswer answer = client.ask({"a@b.example", "h", true, true, {"x.bl"}});
    EXPECT_EQ(answer.domain, mail::SenderDomain::unknown);
    EXPECT_EQ(answer.spf, mail::SpfWord::temperror);
    EXPECT_TRUE(answer.lists.empty());
  }
}

}  // namespace
}  // namespace reqmail::smtpd
