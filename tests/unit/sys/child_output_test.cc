#include "sys/child_output.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "sys/clock.h"
#include "sys/descriptor_io.h"
#include "sys/fd.h"

namespace reqmail::sys {
namespace {

std::chrono::milliseconds soon() {
  return monotonic() + std::chrono::milliseconds(50);
}

TEST(ChildOutput, AllUntilThePipeIsClosed) {
  auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  ASSERT_TRUE(write_all(pipe->write.get(), "abc"));
  pipe->write.close();
  const auto text = read_until_closed(pipe->read.get(), 3, monotonic() + std::chrono::hours(1));
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "abc");
}

TEST(ChildOutput, TooMuchAndTooLate) {
  auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  ASSERT_TRUE(write_all(pipe->write.get(), "abc"));
  EXPECT_EQ(read_until_closed(pipe->read.get(), 2, soon()).error().error, EMSGSIZE);
  EXPECT_EQ(read_until_closed(pipe->read.get(), 2, soon()).error().error, ETIMEDOUT);
  const int closed = pipe->read.get();
  pipe->read.close();
  EXPECT_EQ(read_until_closed(closed, 2, soon()).error().error, EBADF);
}

}  // namespace
}  // namespace reqmail::sys
