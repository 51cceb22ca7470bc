#include "net/socket_connection.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <thread>

#include "net/connect.h"
#include "net/ident.h"
#include "net/local_addresses.h"
#include "net/peer_environment.h"
#include "sys/clock.h"
#include "tests/unit/support/fake_dns.h"

namespace reqmail::net {
namespace {

using base::Seconds;

struct Pair {
  sys::Fd ours;
  sys::Fd theirs;
};

Pair make_pair() {
  std::array<int, 2> ends = {};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
  return {sys::Fd(ends[0]), sys::Fd(ends[1])};
}

TEST(Connect, NobodyListensThere) {
  const auto made = connect_to(*base::IpAddress::parse("127.0.0.1"), 1, Seconds(5));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().error, ECONNREFUSED);
}

TEST(SocketConnection, ReadsWhatIsThereAndSeesTheEnd) {
  Pair pair = make_pair();
  SocketConnection connection(std::move(pair.ours), Seconds(5), Seconds(5));
  ASSERT_EQ(::write(pair.theirs.get(), "hello", 5), 5);
  std::array<char, 16> buffer = {};
  EXPECT_EQ(*connection.read(buffer.data(), buffer.size()), 5U);
  pair.theirs.close();
  EXPECT_EQ(*connection.read(buffer.data(), buffer.size()), 0U);
}

TEST(SocketConnection, WhatStopAtSaidLastCounts) {
  Pair pair = make_pair();
  SocketConnection connection(std::move(pair.ours), Seconds(60), Seconds(60));
  ASSERT_EQ(::write(pair.theirs.get(), "x", 1), 1);
  connection.stop_at(sys::monotonic());
  char byte = 0;
  EXPECT_EQ(connection.read(&byte, 1).error().error, ETIMEDOUT);
  EXPECT_EQ(connection.write("x").error().error, ETIMEDOUT);
  connection.stop_at(sys::monotonic() + Seconds(60));
  EXPECT_EQ(*connection.read(&byte, 1), 1U);
}

TEST(SocketConnection, TheTimeOfASessionGrowsWithWhatItCarries) {
  EXPECT_EQ(session_time(0), Seconds(600));
  EXPECT_EQ(session_time(std::uint64_t{10} << 20), Seconds(600 + 10240));
}

TEST(SocketConnection, SilenceTimesOut) {
  Pair pair = make_pair();
  SocketConnection connection(std::move(pair.ours), Seconds(0), Seconds(60));
  char byte = 0;
  EXPECT_EQ(connection.read(&byte, 1).error().error, ETIMEDOUT);
}

TEST(SocketConnection, APeerThatTakesNothingTimesOut) {
  Pair pair = make_pair();
  SocketConnection connection(std::move(pair.ours), Seconds(0), Seconds(60));
  EXPECT_EQ(connection.write(std::string(std::size_t{8} << 20, 'x')).error().error, ETIMEDOUT);
}

TEST(SocketConnection, AClosedPeerIsAnErrorAndNoSignal) {
  Pair pair = make_pair();
  SocketConnection connection(std::move(pair.ours), Seconds(5), Seconds(5));
  pair.theirs.close();
  EXPECT_EQ(connection.write("x").error().error, EPIPE);
}

// A peer that always has another byte ready cannot prolong the session.
TEST(SocketConnection, TheSessionEndsHoweverBusyThePeer) {
  Pair pair = make_pair();
  SocketConnection connection(std::move(pair.ours), Seconds(5), Seconds(1));
  const auto start = sys::monotonic();
  std::thread peer([fd = pair.theirs.get()] {
    while (::send(fd, "x", 1, MSG_NOSIGNAL) == 1 || errno == EAGAIN) {
      ::usleep(20000);
    }
  });
  char byte = 0;
  auto result = connection.read(&byte, 1);
  while (result && *result > 0) {
    result = connection.read(&byte, 1);
  }
  EXPECT_EQ(result.error().error, ETIMEDOUT);
  EXPECT_LT(sys::monotonic() - start, std::chrono::milliseconds(3000));
  (void)::shutdown(pair.theirs.get(), SHUT_WR);
  peer.join();
}

TEST(LocalAddresses, Corrections) {
  const auto at = [](std::string_view text) { return *base::IpAddress::parse(text); };
  const LocalAddresses local({at("192.0.2.1")},
                             AddressCorrections::parse({"192.0.2.8/30", "bad"}, {"192.0.2.1"}));
  EXPECT_FALSE(local.contains(at("192.0.2.1")));
  EXPECT_TRUE(local.contains(at("192.0.2.9")));
  EXPECT_FALSE(local.contains(at("127.0.0.9")));
  EXPECT_TRUE(local.lead_here(at("127.0.0.9")));
  EXPECT_TRUE(local.lead_here(at("192.0.2.9")));
  EXPECT_FALSE(local.lead_here(at("192.0.2.1")));
}

TEST(LocalAddresses, LoopbackAndTheUnspecifiedAreThisHost) {
  const auto local = LocalAddresses::of_this_host();
  ASSERT_TRUE(local);
  EXPECT_TRUE(local->contains(*base::IpAddress::parse("127.0.0.1")));
  EXPECT_FALSE(local->contains(*base::IpAddress::parse("127.0.0.2")));
  EXPECT_TRUE(LocalAddresses({}).contains(base::IpAddress()));
  EXPECT_TRUE(LocalAddresses({}).contains(*base::IpAddress::parse("::")));
}

TEST(Ident, NameBehindTheThirdColon) {
  EXPECT_EQ(parse_ident("4000 , 25 : USERID : UNIX : joe\r"), "joe");
  EXPECT_EQ(parse_ident("4000,25:USERID:UNIX:joe smith \t"), "joesmith");
  EXPECT_EQ(parse_ident("1,2:USERID:UNIX: \tj o\te:x y\rz \r"), "joe:xyz");
  EXPECT_EQ(parse_ident("4000 , 25 : USERID : UNIX :"), "");
  EXPECT_EQ(parse_ident("4000 , 25 : ERROR : NO-USER"), "");
  EXPECT_EQ(parse_ident("hello"), "");
  EXPECT_EQ(parse_ident("::: a:b"), "a:b");
  EXPECT_EQ(parse_ident("1,2:USERID:UNIX:" + std::string(2000, 'j')).size(), kIdentNameMax);
  EXPECT_EQ(parse_ident(std::string_view(":::a \0b", 7)), "a");
  EXPECT_EQ(parse_ident(":::" + std::string(2000, ' ') + "j"), "j");
}

TEST(PeerEnvironment, EveryVariableIsSetOrRemoved) {
  sys::Environment environment;
  environment.set("TCPREMOTEHOST", "old");
  environment.set("OTHER", "kept");
  PeerNames names;
  names.local = {*base::IpAddress::parse("::ffff:192.0.2.10"), 25};
  names.remote = {*base::IpAddress::parse("192.0.2.99"), 4000};
  names.local_host = "here.example";
  set_peer_environment(names, environment);
  EXPECT_EQ(environment.get("PROTO"), "TCP");
  EXPECT_EQ(environment.get("TCPLOCALIP"), "192.0.2.10");
  EXPECT_EQ(environment.get("TCPLOCALPORT"), "25");
  EXPECT_EQ(environment.get("TCPLOCALHOST"), "here.example");
  EXPECT_EQ(environment.get("TCPREMOTEIP"), "192.0.2.99");
  EXPECT_EQ(environment.get("TCPREMOTEPORT"), "4000");
  EXPECT_FALSE(environment.get("TCPREMOTEHOST"));
  EXPECT_EQ(environment.get("OTHER"), "kept");
  names.remote.address = *base::IpAddress::parse("2001:DB8:0::1");
  set_peer_environment(names, environment);
  EXPECT_EQ(environment.get("PROTO"), "TCP6");
  EXPECT_EQ(environment.get("TCPREMOTEIP"), "2001:db8::1");
}

TEST(PeerEnvironment, NamesOfHosts) {
  test::FakeDns server;
  server.add("PTR 1.2.0.192.in-addr.arpa", {}, test::kServerFailure);
  const Dns dns(server);
  EXPECT_EQ(host_name(dns, *base::IpAddress::parse("192.0.2.1")), "softdnserror");
  EXPECT_EQ(host_name(dns, *base::IpAddress::parse("192.0.2.2")), std::nullopt);
}

}  // namespace
}  // namespace reqmail::net
