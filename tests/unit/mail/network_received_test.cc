// Received fields of servers.
#include <gtest/gtest.h>

#include "mail/received.h"

namespace reqmail::mail {
namespace {

constexpr base::Time kTime = base::from_epoch(1700000000);

NetworkPeer client() {
  NetworkPeer peer;
  peer.remote_host = "client.example.net";
  peer.remote_ip = "192.0.2.99";
  peer.local_host = "host.example.org";
  return peer;
}

TEST(NetworkReceived, HostHeloAddressAndServer) {
  EXPECT_EQ(network_received(client(), "c", "SMTP", kTime),
            "Received: from client.example.net (HELO c) (192.0.2.99)\n"
            "  by host.example.org with SMTP; 14 Nov 2023 22:13:20 -0000\n");
}

TEST(NetworkReceived, HeloIsLeftOutWhenAbsentOrTheHostName) {
  const std::string without =
      "Received: from client.example.net (192.0.2.99)\n"
      "  by host.example.org with QMTP; 14 Nov 2023 22:13:20 -0000\n";
  EXPECT_EQ(network_received(client(), std::nullopt, "QMTP", kTime), without);
  EXPECT_EQ(network_received(client(), "CLIENT.example.NET", "QMTP", kTime), without);
  EXPECT_NE(network_received(client(), "", "QMTP", kTime).find("(HELO )"), std::string::npos);
}

TEST(NetworkReceived, NothingFromOutsideCanAddALine) {
  NetworkPeer peer = client();
  peer.remote_host = "a\nb";
  peer.remote_ip = "2001:db8::1";
  peer.remote_info = "joe (x)\r\n";
  peer.local_host = "h_i";
  EXPECT_EQ(network_received(peer, "c\n d\xe9", "SMTP", kTime),
            "Received: from a?b (HELO c??d?) (joe??x???@2001:db8::1)\n"
            "  by h?i with SMTP; 14 Nov 2023 22:13:20 -0000\n");
}

TEST(HiddenClientReceived, UserAndServerAlone) {
  EXPECT_EQ(hidden_client_received("joe@h (x)\n", "host.example.org", "ESMTPSA", kTime),
            "Received: from unknown (joe@h??x?\?)\n"
            "  by host.example.org with ESMTPSA; 14 Nov 2023 22:13:20 -0000\n");
}

}  // namespace
}  // namespace reqmail::mail
