// The peer according to the environment, for IPv4 and IPv6.
#include "listen/network_peer.h"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace reqmail::listen {
namespace {

class NetworkPeer : public ::testing::Test {
 protected:
  void SetUp() override { ::clearenv(); }

  static void set(const char* name, const char* value) { ::setenv(name, value, 1); }
};

TEST_F(NetworkPeer, UnknownWithoutEnvironment) {
  const mail::NetworkPeer peer = network_peer();
  EXPECT_EQ(peer.remote_host, "unknown");
  EXPECT_EQ(peer.remote_ip, "unknown");
  EXPECT_FALSE(peer.remote_info);
  EXPECT_EQ(peer.local_host, "unknown");
}

TEST_F(NetworkPeer, LocalAddressStandsForAMissingName) {
  set("TCPLOCALIP", "192.0.2.1");
  EXPECT_EQ(network_peer().local_host, "192.0.2.1");
  set("TCPLOCALHOST", "");
  EXPECT_EQ(network_peer().local_host, "");
}

TEST_F(NetworkPeer, Tcp6VariablesComeFirstUnderTcp6Only) {
  set("TCPREMOTEIP", "2001:db8::1");
  set("TCP6REMOTEIP", "2001:db8::2");
  set("TCPREMOTEHOST", "four.example");
  EXPECT_EQ(network_peer().remote_ip, "2001:db8::1");
  set("PROTO", "TCP6");
  EXPECT_EQ(network_peer().remote_ip, "2001:db8::2");
  EXPECT_EQ(network_peer().remote_host, "four.example");
}

TEST_F(NetworkPeer, MappedAddressIsShownAsIpv4) {
  set("PROTO", "TCP6");
  set("TCPREMOTEIP", "::FFFF:192.0.2.5");
  EXPECT_EQ(network_peer().remote_ip, "192.0.2.5");
}

}  // namespace
}  // namespace reqmail::listen
