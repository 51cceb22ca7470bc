// The service for all sessions, in a process of its own, as long as it can begin.
#include "judge/resident.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <functional>

#include "sys/descriptor_io.h"
#include "sys/packets.h"

namespace reqmail::judge {
namespace {

// Root becomes qmaild, or there is no such account: either way it cannot make that socket.
TEST(Resident, FailsWhereItCannotListen) {
  EXPECT_EXIT(
      {
        const Failure failure = serve_at("/nowhere/socket");
        std::fprintf(stderr, "%s", failure.text.c_str());
        ::_exit(failure.error == ENOENT ? 3 : 4);
      },
      ::testing::ExitedWithCode(3), "/nowhere/socket: file does not exist|no account qmaild");
}

// Runs the one that is kept in a child with the name of the end for sessions, and returns how
// it ended.
int end_of(const std::function<void(int)>& use, std::chrono::milliseconds age) {
  auto pair = sys::make_packet_pair();
  const pid_t process = ::fork();
  if (process == 0) {
    pair->one.close();
    // Root would become qmaild, and there may be no such account.
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) {
      ::_exit(2);
    }
    const auto served = serve_packets(pair->other.get(), age);
    // _exit() is not used, since a sanitizer makes other system calls before it.
    (void)::syscall(SYS_exit_group, served ? 0 : 1);
  }
  pair->other.close();
  use(pair->one.get());
  pair->one.close();
  int status = -1;
  (void)::waitpid(process, &status, 0);
  return status;
}

TEST(Kept, EndsWhenNobodyHasItsSocket) {
  EXPECT_EQ(end_of([](int) {}, std::chrono::minutes(5)), 0);
}

TEST(Kept, EndsAtItsAge) {
  EXPECT_EQ(end_of(
                [](int socket) {
                  // The other end is closed by then.
                  pollfd closed{socket, POLLHUP, 0};
                  EXPECT_EQ(::poll(&closed, 1, 10'000), 1);
                },
                std::chrono::milliseconds(200)),
            0);
}

TEST(Kept, ARequestWithoutAConnectionIsNone) {
  EXPECT_EQ(end_of(
                [](int socket) {
                  EXPECT_TRUE(sys::send_packet(socket, "j"));
                  EXPECT_TRUE(sys::send_packet(socket, std::string(kRequestMax + 1, 'x')));
                  auto ends = sys::make_socket_pair();
                  ASSERT_TRUE(ends);
                  EXPECT_TRUE(sys::send_packet(socket, "j", ends->other.get()));
                  ends->other.close();
                  // A session that says nonsense is over.
                  EXPECT_TRUE(sys::write_all(ends->one.get(), "99999999999999999999:"));
                  pollfd over{ends->one.get(), POLLIN, 0};
                  EXPECT_EQ(::poll(&over, 1, 10'000), 1);
                },
                std::chrono::minutes(5)),
            0);
}

}  // namespace
}  // namespace reqmail::judge
