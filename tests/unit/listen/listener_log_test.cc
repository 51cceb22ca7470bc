// The lines of tcpserver.
#include "listen/listener_log.h"

#include <gtest/gtest.h>

namespace reqmail::listen {
namespace {

net::PeerNames peer() {
  net::PeerNames names;
  names.local = {*base::IpAddress::parse("192.0.2.1"), 25};
  names.remote = {*base::IpAddress::parse("198.51.100.7"), 4000};
  return names;
}

TEST(ListenerLog, LinesAboutProcesses) {
  EXPECT_EQ(status_line(3, 40), "tcpserver: status: 3/40\n");
  EXPECT_EQ(begin_line(123, *base::IpAddress::parse("198.51.100.7")),
            "tcpserver: pid 123 from 198.51.100.7\n");
  EXPECT_EQ(end_line(123, 256), "tcpserver: end 123 status 256\n");
  EXPECT_EQ(drop_line("unable to fork: x"),
            "tcpserver: warning: dropping connection, unable to fork: x\n");
  EXPECT_EQ(crowd_line("192.0.2.1/24", 6, 5),
            "tcpserver: warning: too many connections from 192.0.2.1/24: 6/5\n");
}

TEST(ListenerLog, ADecisionWithoutNames) {
  EXPECT_EQ(decision_line(false, 123, peer()),
            "tcpserver: ok 123 :192.0.2.1:25 :198.51.100.7::4000\n");
  EXPECT_EQ(decision_line(true, 123, peer()),
            "tcpserver: deny 123 :192.0.2.1:25 :198.51.100.7::4000\n");
}

TEST(ListenerLog, NamesCannotMislead) {
  net::PeerNames names = peer();
  names.local_host = "a b:c%d\n\xc3\xa9";
  names.remote_host = "client.example";
  names.remote_info = std::string(99, 'x');
  const std::string text =
      "tcpserver: ok 1 a?b?c?d???:192.0.2.1:25 client.example:198.51.100.7:";
  EXPECT_EQ(decision_line(false, 1, names), text + std::string(99, 'x') + ":4000\n");
  names.remote_info = std::string(100, 'x');
  EXPECT_EQ(decision_line(false, 1, names), text + std::string(100, 'x') + "...:4000\n");
}

}  // namespace
}  // namespace reqmail::listen
