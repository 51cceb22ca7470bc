// When a dispatcher is over. What its children do is seen in the installed program
// (test_mailauth_resident, test_listen_judge).
#include "judge/dispatcher.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <utility>

#include "sys/descriptor_io.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/packets.h"

namespace reqmail::judge {
namespace {

// Runs a dispatcher in a child, with the ends for sessions and of its keeper, and returns how
// it ended.
int end_of(const std::function<void(sys::Fd& sessions, sys::Fd& keeper)>& use) {
  auto pair = sys::make_packet_pair();
  auto life = sys::make_pipe();
  const pid_t process = ::fork();
  if (process == 0) {
    pair->one.close();
    life->write.close();
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) {
      ::_exit(2);
    }
    const ConnectionSource source(SourceKind::packets, pair->other.get());
    const int code = exit_code(dispatch(source, life->read.get(), kDispatcherAge));
    // _exit() is not used, since a sanitizer makes other system calls before it.
    (void)::syscall(SYS_exit_group, code);
  }
  pair->other.close();
  life->read.close();
  use(pair->one, life->write);
  int status = -1;
  (void)::waitpid(process, &status, 0);
  return status;
}

TEST(Dispatcher, EndsWithItsKeeper) {
  EXPECT_EQ(end_of([](sys::Fd&, sys::Fd& keeper) { keeper.close(); }), 0);
}

TEST(Dispatcher, EndsAfterTheLastSessionThatCanReachIt) {
  EXPECT_EQ(end_of([](sys::Fd& sessions, sys::Fd&) {
              auto ends = sys::make_socket_pair();
              ASSERT_TRUE(ends);
              EXPECT_TRUE(sys::send_packet(sessions.get(), "j", ends->other.get()));
              ends->other.close();
              sessions.close();
              // The session is over.
              EXPECT_TRUE(sys::write_all(ends->one.get(), "nonsense"));
              char byte = 0;
              EXPECT_LE(::read(ends->one.get(), &byte, 1), 0);
            }),
            0);
}

TEST(Dispatcher, RootIsRefused) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "not root";
  }
  EXPECT_EXIT(
      {
        auto pair = sys::make_packet_pair();
        const ConnectionSource source(SourceKind::packets, pair->other.get());
        ::_exit(exit_code(dispatch(source, std::nullopt, kDispatcherAge)));
      },
      testing::ExitedWithCode(sys::kExitTemporary), "unable to confine root");
}

}  // namespace
}  // namespace reqmail::judge
