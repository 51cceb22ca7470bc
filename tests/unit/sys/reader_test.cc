// The Reader's function before a read, and the growth of its buffer.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "sys/fd.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::sys {
namespace {

TEST(Reader, HookRunsOncePerReadAndNotForBufferedInput) {
  auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  ASSERT_TRUE(write_all(pipe->write.get(), "one\ntwo\n"));
  Reader reader(pipe->read.get());
  int calls = 0;
  reader.before_read([&calls]() -> Result<void> {
    ++calls;
    return {};
  });
  std::string line;
  ASSERT_EQ(*reader.get_line(line, 100), LineEnd::line);
  ASSERT_EQ(*reader.get_line(line, 100), LineEnd::line);
  EXPECT_EQ(line, "onetwo");
  EXPECT_EQ(calls, 1);
}

TEST(Reader, FailedHookFailsTheReadAndNothingIsRead) {
  auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  ASSERT_TRUE(write_all(pipe->write.get(), "x\n"));
  Reader reader(pipe->read.get());
  bool fail = true;
  reader.before_read([&fail]() -> Result<void> {
    return fail ? Result<void>(temporary("unable to write", EPIPE)) : Result<void>();
  });
  auto refused = reader.peek();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, EPIPE);
  fail = false;
  EXPECT_EQ(*reader.peek(), "x\n");
}

TEST(Reader, BufferGrowsWhileReadsFillIt) {
  auto file = open_read("/dev/zero");
  ASSERT_TRUE(file);
  Reader reader(file->get());
  std::size_t last = 0;
  std::size_t expected = 2048;
  for (int reads = 0; reads < 8; ++reads) {
    auto bytes = reader.peek();
    ASSERT_TRUE(bytes);
    last = bytes->size();
    EXPECT_EQ(last, expected);
    reader.consume(last);
    expected = std::min(2 * expected, kLargestReadBuffer);
  }
  EXPECT_EQ(last, kLargestReadBuffer);
}

}  // namespace
}  // namespace reqmail::sys
