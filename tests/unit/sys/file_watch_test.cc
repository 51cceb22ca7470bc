#include "sys/file_watch.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>

namespace reqmail::sys {
namespace {

TEST(FileWatch, IsOfAFileAndOwned) {
  char name[] = "/tmp/reqmail-watch-XXXXXX";
  const Fd file(::mkstemp(name));
  const Fd watch = watch_file(name);
  if (!watch.valid()) {
    GTEST_SKIP() << "this system has no such watch";
  }
  pollfd changed{watch.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&changed, 1, 0), 0);
  EXPECT_EQ(::write(file.get(), "x", 1), 1);
  EXPECT_EQ(::poll(&changed, 1, 0), 1);
  EXPECT_EQ(::unlink(name), 0);
  EXPECT_FALSE(watch_file("/nonexistent/file").valid());
}

}  // namespace
}  // namespace reqmail::sys
