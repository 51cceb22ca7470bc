// A time limit that ends the process.
#include "sys/deadline.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "sys/file.h"

namespace reqmail::sys {
namespace {

int exit_code_of(pid_t child) {
  int status = 0;
  (void)::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(Deadline, SaysWhyAndRemovesTheFile) {
  char name[] = "/tmp/reqmail-deadline-XXXXXX";
  const Fd file(::mkstemp(name));
  ASSERT_TRUE(file.valid());
  auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  const pid_t child = ::fork();
  if (child == 0) {
    Deadline deadline(base::Seconds(1), {23, pipe->write.get(), "too late\n"});
    deadline.remove_at_end(name);
    for (;;) {
      (void)::pause();
    }
  }
  EXPECT_EQ(exit_code_of(child), 23);
  char text[20] = {};
  ASSERT_GT(::read(pipe->read.get(), text, sizeof text - 1), 0);
  EXPECT_STREQ(text, "too late\n");
  EXPECT_FALSE(status(std::string(name)));
}

TEST(Deadline, CalledOffInTime) {
  const pid_t child = ::fork();
  if (child == 0) {
    { const Deadline deadline(base::Seconds(1), {23, 2, "too late\n"}); }
    ::_exit(::alarm(0) == 0 ? 7 : 8);
  }
  EXPECT_EQ(exit_code_of(child), 7);
}

}  // namespace
}  // namespace reqmail::sys
