// The end of another process.
#include "sys/process_watch.h"

#include <gtest/gtest.h>

#include "sys/poller.h"
#include "sys/process.h"

namespace reqmail::sys {
namespace {

TEST(ProcessWatch, IsReadableAtTheEnd) {
  auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  ChildSpec spec;
  spec.program = "/bin/cat";
  spec.arguments = {"cat"};
  spec.descriptors = {{pipe->read.get(), 0}};
  auto child = spawn(spec);
  ASSERT_TRUE(child);
  const Fd watch = watch_process(child->pid());
  ASSERT_TRUE(watch.valid());
  Poller poller;
  const std::size_t index = poller.watch_read(watch.get());
  ASSERT_TRUE(poller.wait(std::chrono::milliseconds(0)));
  EXPECT_FALSE(poller.ready(index));
  pipe->write.close();
  ASSERT_TRUE(poller.wait());
  EXPECT_TRUE(poller.ready(index));
  const pid_t pid = child->pid();
  (void)child->wait();
  EXPECT_FALSE(watch_process(pid).valid());
}

}  // namespace
}  // namespace reqmail::sys
