// Listening at a path: who may connect, and what is replaced.
#include "net/listen_path.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <string>

#include "net/connect_path.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::net {
namespace {

TEST(ListenPath, ConnectionsAreAccepted) {
  const tests::Scratch scratch;
  const std::string path = scratch("socket");
  const auto listener = listen_at_path(path);
  ASSERT_TRUE(listener.has_value());
  struct stat status = {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ(accept_connection(listener->get()).error().error, EAGAIN);
  const auto client = connect_to_path(path, base::Seconds(1));
  ASSERT_TRUE(client.has_value());
  const auto accepted = accept_connection(listener->get());
  ASSERT_TRUE(accepted.has_value());
  EXPECT_EQ(::fcntl(accepted->get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(::fcntl(accepted->get(), F_GETFD), FD_CLOEXEC);
}

TEST(ListenPath, OnlyASocketThatNobodyServesIsReplaced) {
  const tests::Scratch scratch;
  const std::string path = scratch("socket");
  {
    const auto first = listen_at_path(path);
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(listen_at_path(path).error().error, EADDRINUSE);
    EXPECT_TRUE(connect_to_path(path, base::Seconds(1)).has_value());
  }
  EXPECT_TRUE(listen_at_path(path).has_value());
  const std::string file = scratch("file");
  std::ofstream(file) << "text";
  EXPECT_EQ(listen_at_path(file).error().error, EADDRINUSE);
  EXPECT_TRUE(std::ifstream(file).good());
}

TEST(ListenPath, PathsThatCannotBe) {
  EXPECT_EQ(listen_at_path("/nowhere/socket").error().error, ENOENT);
  EXPECT_EQ(listen_at_path("/" + std::string(200, 'x')).error().error, ENAMETOOLONG);
}

}  // namespace
}  // namespace reqmail::net
