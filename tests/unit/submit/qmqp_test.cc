#include "submit/qmqp.h"

#include <gtest/gtest.h>

namespace reqmail::submit {
namespace {

TEST(QmqpServer, TheAddressThatBeginsALine) {
  EXPECT_EQ(qmqp_server("192.0.2.1")->text(), "192.0.2.1");
  EXPECT_EQ(qmqp_server("192.0.2.1 spare")->text(), "192.0.2.1");
  EXPECT_EQ(qmqp_server("192.0.2.1:628")->text(), "192.0.2.1");
  EXPECT_EQ(qmqp_server("2001:db8::1\tspare")->text(), "2001:db8::1");
  for (const char* bad :
       {"", " 192.0.2.1", "192.0.2", "mx.example", "192.0.2.256", "192.0.2.1.1"}) {
    EXPECT_FALSE(qmqp_server(bad)) << bad;
  }
}

}  // namespace
}  // namespace reqmail::submit
