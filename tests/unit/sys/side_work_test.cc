#include "sys/side_work.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "sys/clock.h"
#include "sys/stream.h"

namespace reqmail::sys {
namespace {

TEST(SideWork, AllThatWasWrittenInTime) {
  const std::string text(300000, 'x');
  EXPECT_EQ(
      output_of_side_work([&](int fd) { (void)write_all(fd, text); }, std::chrono::seconds(30)),
      text);
  EXPECT_EQ(output_of_side_work([](int) {}, std::chrono::seconds(30)), "");
}

TEST(SideWork, IsGivenUpAtItsEnd) {
  const auto begin = monotonic();
  const std::string text = output_of_side_work(
      [](int fd) {
        (void)write_all(fd, "first");
        ::pause();
      },
      std::chrono::milliseconds(200));
  EXPECT_EQ(text, "first");
  EXPECT_GE(monotonic() - begin, std::chrono::milliseconds(200));
  // No child is left.
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace reqmail::sys
