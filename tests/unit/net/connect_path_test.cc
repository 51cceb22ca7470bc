// Sockets of this host that are found by their paths.
#include "net/connect_path.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/support/scratch.h"

namespace reqmail::net {
namespace {

TEST(ConnectPath, ReachesAListener) {
  const tests::Scratch scratch;
  const std::string path = scratch("socket");
  const sys::Fd listener(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(connect_to_path(path, base::Seconds(1)).error().error, ECONNREFUSED);
  ASSERT_EQ(::listen(listener.get(), 0), 0);
  const auto socket = connect_to_path(path, base::Seconds(1));
  EXPECT_TRUE(socket.has_value());
  // Nobody accepts connections, so the queue of the listener gets full.
  std::vector<sys::Fd> queued;
  for (;;) {
    auto next = connect_to_path(path, base::Seconds(1));
    if (!next) {
      EXPECT_EQ(next.error().error, ETIMEDOUT);
      break;
    }
    queued.push_back(*std::move(next));
    ASSERT_LT(queued.size(), 100U);
  }
}

TEST(ConnectPath, WhatIsNotThere) {
  EXPECT_EQ(connect_to_path("/nowhere/socket", base::Seconds(1)).error().error, ENOENT);
  EXPECT_EQ(connect_to_path("/" + std::string(200, 'x'), base::Seconds(1)).error().error,
            ENAMETOOLONG);
}

}  // namespace
}  // namespace reqmail::net
