// The service for all sessions, in a process of its own, as long as it can begin.
#include "judge/resident.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

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
      testing::ExitedWithCode(3), "/nowhere/socket: file does not exist|no account qmaild");
}

}  // namespace
}  // namespace reqmail::judge
