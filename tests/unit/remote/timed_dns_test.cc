#include "remote/timed_dns.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "base/time.h"
#include "sys/clock.h"
#include "tests/unit/support/fake_dns.h"

namespace reqmail::remote {
namespace {

TEST(TimedDns, NobodyIsAskedAfterTheEnd) {
  test::FakeDns server;
  const auto name = *net::DnsName::from_text("h.example");
  TimedDns open(server, sys::monotonic() + base::Seconds(600));
  EXPECT_TRUE(open.ask(name, net::DnsType::mx));
  EXPECT_EQ(server.asked.size(), 1U);
  TimedDns over(server, sys::monotonic());
  const auto answer = over.ask(name, net::DnsType::mx);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().permanence, Permanence::temporary);
  EXPECT_EQ(answer.error().error, ETIMEDOUT);
  EXPECT_EQ(server.asked.size(), 1U);
}

}  // namespace
}  // namespace reqmail::remote
