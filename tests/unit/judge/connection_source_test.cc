// Both ways by which connections come.
#include "judge/connection_source.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "net/connect_path.h"
#include "net/listen_path.h"
#include "sys/descriptor_io.h"
#include "sys/packets.h"

namespace reqmail::judge {
namespace {

int error_of(const ConnectionSource& source) {
  const auto taken = source.take();
  return taken ? 0 : taken.error().error;
}

TEST(ConnectionSource, ConnectionsToASocketThatListens) {
  char place[] = "/tmp/reqmail-source-XXXXXX";
  ASSERT_NE(::mkdtemp(place), nullptr);
  const std::string path = std::string(place) + "/socket";
  const auto listener = net::listen_at_path(path);
  ASSERT_TRUE(listener);
  const ConnectionSource source(SourceKind::listening, listener->get());
  EXPECT_EQ(source.descriptor(), listener->get());
  EXPECT_EQ(error_of(source), EAGAIN);
  const auto client = net::connect_to_path(path, base::Seconds(1));
  ASSERT_TRUE(client);
  const auto taken = source.take();
  ASSERT_TRUE(taken && *taken);
  EXPECT_TRUE(sys::write_all((*taken)->get(), "y"));
  char byte = 0;
  EXPECT_EQ(::read(client->get(), &byte, 1), 1);
  EXPECT_EQ(error_of(source), EAGAIN);
  (void)::unlink(path.c_str());
  (void)::rmdir(place);
}

TEST(ConnectionSource, ConnectionsThatPacketsBring) {
  auto pair = sys::make_packet_pair();
  auto ends = sys::make_socket_pair();
  ASSERT_TRUE(pair && ends);
  const ConnectionSource source(SourceKind::packets, pair->other.get());
  EXPECT_EQ(error_of(source), EAGAIN);
  EXPECT_TRUE(sys::send_packet(pair->one.get(), "j"));
  EXPECT_EQ(error_of(source), EPROTO);
  EXPECT_TRUE(sys::send_packet(pair->one.get(), "more than a byte"));
  EXPECT_EQ(error_of(source), EMSGSIZE);
  EXPECT_TRUE(sys::send_packet(pair->one.get(), "j", ends->other.get()));
  ends->other.close();
  {
    const auto taken = source.take();
    ASSERT_TRUE(taken && *taken);
    EXPECT_TRUE(sys::write_all((*taken)->get(), "y"));
  }
  char byte = 0;
  EXPECT_EQ(::read(ends->one.get(), &byte, 1), 1);
  EXPECT_EQ(::read(ends->one.get(), &byte, 1), 0);
  pair->one.close();
  const auto over = source.take();
  EXPECT_TRUE(over && !*over);
}

}  // namespace
}  // namespace reqmail::judge
