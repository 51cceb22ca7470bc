// What a child that goes on as its parent has.
#include "sys/alike.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "sys/descriptor_io.h"
#include "sys/fd.h"
#include "sys/signals.h"

namespace reqmail::sys {
namespace {

// Returns the exit code of a child that does this work.
int code_of(int connection, const std::function<int()>& work, int other = -1) {
  auto child = start_alike(connection, other, work);
  EXPECT_TRUE(child);
  const auto ended = child->wait();
  EXPECT_TRUE(ended && !ended->crashed);
  return ended ? ended->code : -1;
}

TEST(Alike, HasItsConnectionAndNoOtherDescriptor) {
  auto mine = make_socket_pair();
  auto others = make_socket_pair();
  ASSERT_TRUE(mine && others);
  const int code = code_of(mine->other.get(), [] {
    constexpr int kMany = 64;
    for (int fd = STDERR_FILENO + 1; fd < kMany; ++fd) {
      if (::fcntl(fd, F_GETFD) != -1) {
        return 1;
      }
    }
    return write_all(STDIN_FILENO, "y") && ::fcntl(STDOUT_FILENO, F_GETFD) == 0 ? 7 : 2;
  });
  EXPECT_EQ(code, 7);
  char byte = 0;
  EXPECT_EQ(::read(mine->one.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
}

TEST(Alike, HasAnotherDescriptor) {
  auto mine = make_socket_pair();
  auto others = make_socket_pair();
  ASSERT_TRUE(mine && others);
  const int code = code_of(
      mine->other.get(),
      [] {
        const bool alone = ::fcntl(kOtherDescriptor + 1, F_GETFD) == -1;
        return alone && write_all(kOtherDescriptor, "z") && write_all(STDIN_FILENO, "y") ? 7
                                                                                         : 2;
      },
      others->other.get());
  EXPECT_EQ(code, 7);
  char byte = 0;
  EXPECT_EQ(::read(others->one.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'z');
}

TEST(Alike, HasNoHandlerOfItsParent) {
  disregard_signals({SIGUSR1});
  auto ends = make_socket_pair();
  ASSERT_TRUE(ends);
  EXPECT_EQ(code_of(ends->other.get(),
                    [] {
                      struct sigaction action = {};
                      (void)::sigaction(SIGUSR1, nullptr, &action);
                      sigset_t blocked;
                      (void)::sigprocmask(SIG_SETMASK, nullptr, &blocked);
                      return action.sa_handler == SIG_DFL && !::sigismember(&blocked, SIGUSR1)
                                 ? 0
                                 : 1;
                    }),
            0);
  default_signals({SIGUSR1});
}

TEST(Alike, NoConnectionIsAnEnd) {
  EXPECT_NE(code_of(-1, [] { return 0; }), 0);
}

}  // namespace
}  // namespace reqmail::sys
