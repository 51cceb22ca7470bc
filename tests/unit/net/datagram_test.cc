#include "net/datagram.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <string>

#include "sys/fd.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::net {
namespace {

TEST(Datagram, ArrivesOrIsLostAtOnce) {
  const tests::Scratch scratch;
  const std::string path = scratch("socket");
  const sys::Fd receiver(::socket(AF_UNIX, SOCK_DGRAM, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(::bind(receiver.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_TRUE(send_datagram(path, "hello"));
  char buffer[10];
  EXPECT_EQ(::recv(receiver.get(), buffer, sizeof buffer, 0), 5);
  // Nobody reads, so the queue of the receiver gets full.
  int sent = 0;
  Result<void> last;
  while (sent < 100000 && (last = send_datagram(path, "x"))) {
    ++sent;
  }
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().error, EAGAIN);
}

TEST(Datagram, WithoutAReceiver) {
  EXPECT_EQ(send_datagram("/nowhere/socket", "x").error().error, ENOENT);
  EXPECT_EQ(send_datagram("/" + std::string(200, 'x'), "x").error().error, ENAMETOOLONG);
}

}  // namespace
}  // namespace reqmail::net
