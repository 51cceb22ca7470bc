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

class Listener {
 public:
  Listener() : listener_(net::listen_at_path(path())) { EXPECT_TRUE(listener_); }

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  ~Listener() {
    (void)::unlink(path().c_str());
    (void)::rmdir(place_.c_str());
  }

  [[nodiscard]] std::string path() const { return place_ + "/socket"; }

  [[nodiscard]] int descriptor() const { return listener_->get(); }

 private:
  static std::string make_place() {
    char place[] = "/tmp/reqmail-source-XXXXXX";
    EXPECT_NE(::mkdtemp(place), nullptr);
    return place;
  }

  std::string place_ = make_place();
  Result<sys::Fd> listener_;
};

int error_of(const ConnectionSource& source) {
  const auto taken = source.take();
  return taken ? 0 : taken.error().error;
}

TEST(ConnectionSource, ConnectionsToASocketThatListens) {
  const Listener listener;
  const ConnectionSource source(SourceKind::listening, listener.descriptor());
  EXPECT_EQ(source.descriptor(), listener.descriptor());
  EXPECT_EQ(error_of(source), EAGAIN);
  const auto client = net::connect_to_path(listener.path(), base::Seconds(1));
  ASSERT_TRUE(client);
  const auto taken = source.take();
  ASSERT_TRUE(taken && *taken);
  EXPECT_FALSE((*taken)->client) << "it has not said who it is";
  EXPECT_TRUE(sys::write_all((*taken)->descriptor.get(), "y"));
  char byte = 0;
  EXPECT_EQ(::read(client->get(), &byte, 1), 1);
  EXPECT_EQ(error_of(source), EAGAIN);
}

TEST(ConnectionSource, AWordIsNoAddress) {
  EXPECT_EQ(client_address("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(client_address("2001:DB8::0:1"), client_address("2001:db8::1"));
  EXPECT_EQ(client_address("unknown"), "");
  EXPECT_EQ(client_address(""), "");
}

TEST(ConnectionSource, ConnectionsThatPacketsBring) {
  auto pair = sys::make_packet_pair();
  auto ends = sys::make_socket_pair();
  ASSERT_TRUE(pair && ends);
  const ConnectionSource source(SourceKind::packets, pair->other.get());
  EXPECT_EQ(error_of(source), EAGAIN);
  EXPECT_TRUE(sys::send_packet(pair->one.get(), "j"));
  EXPECT_EQ(error_of(source), EPROTO);
  EXPECT_TRUE(sys::send_packet(pair->one.get(), std::string(kRequestMax + 1, 'x')));
  EXPECT_EQ(error_of(source), EMSGSIZE);
  EXPECT_TRUE(sys::send_packet(pair->one.get(), "j192.0.2.1", ends->other.get()));
  ends->other.close();
  {
    const auto taken = source.take();
    ASSERT_TRUE(taken && *taken);
    EXPECT_EQ((*taken)->client, "192.0.2.1");
    EXPECT_TRUE(sys::write_all((*taken)->descriptor.get(), "y"));
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
