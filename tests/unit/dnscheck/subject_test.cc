#include "dnscheck/subject.h"

#include <gtest/gtest.h>

namespace reqmail::dnscheck {
namespace {

TEST(Subject, PrivateAddresses) {
  for (const char* text : {"127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.3.4", "100.64.0.1",
                           "169.254.1.1", "::1", "fe80::1", "fd00::1"}) {
    EXPECT_TRUE(is_private(*base::IpAddress::parse(text))) << text;
  }
  for (const char* text : {"192.0.2.1", "172.32.0.1", "100.128.0.1", "2001:db8::1"}) {
    EXPECT_FALSE(is_private(*base::IpAddress::parse(text))) << text;
  }
}

TEST(Subject, ALineToPublish) {
  EXPECT_EQ(publish("d.example", "MX", "10 mail.d.example."),
            "publish: d.example. IN MX 10 mail.d.example.");
}

}  // namespace
}  // namespace reqmail::dnscheck
