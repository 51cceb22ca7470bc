// What a process can still do after it has confined itself.
#include "sys/confine.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <functional>
#include <vector>

#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/identity.h"
#include "sys/secrets.h"
#include "tests/unit/support/call_filters.h"

namespace reqmail::sys {
namespace {

constexpr Identity kNobody{65534, 65534};

// Calls `call` in confinement and ends with 0 if it returns.
void call_confined(const std::function<void()>& call,
                   compat::Calls calls = compat::Calls::talking) {
  if (!confine(kNobody, 3, calls)) {
    ::_exit(2);
  }
  call();
  // _exit() is not used, since a sanitizer makes other system calls before it.
  (void)::syscall(SYS_exit_group, 0);
}

bool talk() {
  auto random = random_bytes(8);
  if (!random || monotonic().count() < 0) {
    return false;
  }
  // This is what the allocator does; with a sanitizer the allocator makes other calls too.
  void* memory = ::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || ::munmap(memory, 4096) != 0) {
    return false;
  }
  pollfd writable{1, POLLOUT, 0};
  return ::fcntl(1, F_SETFL, ::fcntl(1, F_GETFL) | O_NONBLOCK) == 0 &&
         ::poll(&writable, 1, 1000) == 1 && ::write(1, "y", 1) == 1 &&
         ::shutdown(1, SHUT_WR) == 0 && ::close(1) == 0;
}

TEST(Confine, TalkingGoesOn) {
  auto sockets = make_socket_pair();
  ASSERT_TRUE(sockets);
  EXPECT_EXIT(
      {
        ::dup2(sockets->one.get(), 1);
        call_confined([] {
          if (!talk()) {
            ::_exit(3);
          }
        });
      },
      ::testing::ExitedWithCode(0), "");
  char byte = 0;
  EXPECT_EQ(::read(sockets->other.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
}

TEST(Confine, AskingIsConnectingAndNoMore) {
  EXPECT_EXIT(
      call_confined(
          [] {
            const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
            sockaddr_in server = {};
            server.sin_family = AF_INET;
            server.sin_port = htons(53);
            server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            if (::connect(fd, reinterpret_cast<sockaddr*>(&server), sizeof server) != 0 ||
                ::send(fd, "x", 1, MSG_NOSIGNAL) != 1) {
              ::_exit(3);
            }
          },
          compat::Calls::asking),
      ::testing::ExitedWithCode(0), "");
  if (!tests::has_call_filters()) {
    GTEST_SKIP() << "no seccomp";
  }
  const std::vector<std::function<void()>> calls = {
      [] { (void)::open("/", O_RDONLY); },
      [] { (void)::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); },
      [] { (void)::kill(::getpid(), 0); },
      [] { (void)::bind(0, nullptr, 0); },
  };
  if (compat::checks_new_sockets()) {
    EXPECT_EXIT(
        call_confined([] { (void)::socket(AF_UNIX, SOCK_STREAM, 0); }, compat::Calls::asking),
        ::testing::KilledBySignal(SIGSYS), "");
  }
  for (std::size_t i = 0; i < calls.size(); ++i) {
    EXPECT_EXIT(call_confined(calls[i], compat::Calls::asking),
                ::testing::KilledBySignal(SIGSYS), "")
        << i;
  }
}

// Ends with 0 if this is so in a child of a dispatcher, which nobody can be.
[[noreturn]] void end_as_child_of_dispatcher(const std::function<bool()>& is_so) {
  if (!become_without_groups(kNobody) || !confine_dispatcher() || !confine_child()) {
    (void)::syscall(SYS_exit_group, 2);
  }
  (void)::syscall(SYS_exit_group, is_so() ? 0 : 3);
  std::abort();
}

TEST(Confine, ChildOfADispatcherMakesNoProcess) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "not root";
  }
  EXPECT_EXIT(end_as_child_of_dispatcher([] {
                return ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) == -1 && errno == EAGAIN;
              }),
              testing::ExitedWithCode(0), "");
  if (!tests::has_call_filters()) {
    GTEST_SKIP() << "no seccomp";
  }
  EXPECT_EXIT(end_as_child_of_dispatcher([] { return ::open("/", O_RDONLY) >= 0; }),
              testing::KilledBySignal(SIGSYS), "");
  if (compat::checks_new_sockets()) {
    EXPECT_EXIT(
        end_as_child_of_dispatcher([] { return ::socket(AF_UNIX, SOCK_SEQPACKET, 0) >= 0; }),
        testing::KilledBySignal(SIGSYS), "");
  }
}

TEST(Confine, RootIsNoDispatcher) {
  if (::geteuid() == 0) {
    EXPECT_FALSE(confine_dispatcher());
  }
}

TEST(Confine, EveryOtherCallKills) {
  if (!tests::has_call_filters()) {
    GTEST_SKIP() << "no seccomp";
  }
  char shell[] = "/bin/sh";
  char* arguments[] = {shell, nullptr};
  const std::vector<std::function<void()>> calls = {
      [] { (void)::open("/", O_RDONLY); },
      [] { (void)::socket(AF_INET, SOCK_STREAM, 0); },
      [] { (void)::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); },
      [&] { (void)::execv(shell, arguments); },
      [] { (void)::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); },
      [] { (void)::kill(::getpid(), 0); },
      [] { (void)::fcntl(0, F_SETOWN, 1); },
      [] { (void)::dup(0); },
      [] { (void)::syscall(1'000'000); },
  };
  for (std::size_t i = 0; i < calls.size(); ++i) {
    EXPECT_EXIT(call_confined(calls[i]), ::testing::KilledBySignal(SIGSYS), "") << i;
  }
}

}  // namespace
}  // namespace reqmail::sys
