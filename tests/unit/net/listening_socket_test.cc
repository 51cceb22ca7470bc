// Sockets on loopback addresses.
#include "net/listening_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "net/connect.h"
#include "sys/descriptor_io.h"
#include "sys/file.h"

namespace reqmail::net {
namespace {

base::IpAddress ip(const char* text) {
  return *base::IpAddress::parse(text);
}

TEST(ListeningSocket, AcceptsConnections) {
  const auto server = ListeningSocket::open({ip("127.0.0.1"), 0}, 5);
  ASSERT_TRUE(server) << server.error().text;
  EXPECT_NE(server->local().port, 0);
  EXPECT_EQ(server->accept().error().error, EAGAIN);
  const auto client = connect_to(ip("127.0.0.1"), server->local().port, base::Seconds(5));
  ASSERT_TRUE(client);
  ASSERT_TRUE(sys::wait_readable(server->descriptor(), std::chrono::seconds(5)));
  const auto accepted = server->accept();
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->remote.address, ip("127.0.0.1"));
  EXPECT_EQ(accepted->remote.port, local_endpoint(client->get())->port);
  const int number = accepted->socket.get();
  EXPECT_EQ(::fcntl(number, F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(::fcntl(number, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  remove_ip_options(number);
}

TEST(ListeningSocket, ATakenPortIsAFailure) {
  const auto server = ListeningSocket::open({ip("127.0.0.1"), 0}, 5);
  ASSERT_TRUE(server);
  const auto second = ListeningSocket::open(server->local(), 5);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().text, "unable to bind: address already used");
}

TEST(ListeningSocket, BothFamiliesHaveOnePort) {
  const auto v6 = ListeningSocket::open({ip("::"), 0}, 5);
  if (!v6) {
    GTEST_SKIP() << "no IPv6 here";
  }
  EXPECT_TRUE(ListeningSocket::open({ip("0.0.0.0"), v6->local().port}, 5));
}

TEST(ListeningAddress, AddressesAndNames) {
  EXPECT_EQ(*listening_address("0"), base::IpAddress());
  EXPECT_EQ(*listening_address(""), base::IpAddress());
  EXPECT_EQ(*listening_address("192.0.2.7"), ip("192.0.2.7"));
  EXPECT_EQ(*listening_address("::1"), ip("::1"));
  EXPECT_EQ(*listening_address("localhost"), ip("127.0.0.1"));
  EXPECT_EQ(listening_address("a..b").error().text, "no IP address for a..b");
}

TEST(ListeningPort, NumbersAndNames) {
  EXPECT_EQ(*listening_port("25"), 25);
  EXPECT_EQ(*listening_port("0"), 0);
  EXPECT_EQ(*listening_port("65535"), 65535);
  EXPECT_EQ(listening_port("65536").error().text, "unable to figure out port number for 65536");
  EXPECT_EQ(listening_port("no-such-service").error().text,
            "unable to figure out port number for no-such-service");
}

}  // namespace
}  // namespace reqmail::net
