// What one listener leaves to the next.
#include "listen/handover.h"

#include <gtest/gtest.h>

namespace reqmail::listen {
namespace {

base::IpAddress ip(const char* text) {
  return *base::IpAddress::parse(text);
}

TEST(Handover, SocketsAndConnectionsComeBack) {
  Handover handover;
  handover.sockets = {3, 17};
  handover.connections.begin(100, ip("192.0.2.1"));
  handover.connections.begin(2147483647, ip("2001:db8::1"));
  const auto found = decode_handover(encode_handover(handover));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->sockets, handover.sockets);
  EXPECT_EQ(found->connections.clients(), handover.connections.clients());
}

TEST(Handover, AListenerWithoutConnections) {
  const auto found = decode_handover("socket 3\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->sockets, std::vector<int>{3});
  EXPECT_EQ(found->connections.all(), 0U);
}

TEST(Handover, NonsenseIsNone) {
  for (const char* text :
       {"\n", "socket\n", "socket 2\n", "socket -3\n", "socket 2147483648\n", "other 3\n",
        "connection 0 192.0.2.1\n", "connection 7\n", "connection 7 host\n", "socket 3\nx\n"}) {
    EXPECT_FALSE(decode_handover(text)) << text;
  }
}

}  // namespace
}  // namespace reqmail::listen
