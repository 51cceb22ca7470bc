// The listener's side of a qmail-mailauth that it keeps; scripts stand in for the program.
#include "smtpd/resident_judge.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>

#include "smtpd/shared_judge.h"
#include "sys/descriptor_io.h"
#include "tests/unit/support/control_home.h"

namespace reqmail::smtpd {
namespace {

class Kept : public tests::ControlHome {
 protected:
  void program(const std::string& script) {
    control("program", "#!/bin/sh\n# the mark\n" + script);
    ASSERT_EQ(::chmod(path().c_str(), 0755), 0);
  }

  [[nodiscard]] std::string path() const { return home() + "/control/program"; }

  // Waits for the end of a child and passes it on.
  static void reap(ResidentJudge& judge) {
    int status = 0;
    const pid_t child = ::wait(&status);
    judge.child_ended({child, {}, status});
  }

  // Whether the connection was closed.
  static bool is_closed(const sys::Fd& session) {
    char byte = 0;
    (void)sys::wait_readable(session.get(), std::chrono::seconds(10));
    const auto count = sys::read_some(session.get(), &byte, 1);
    return count ? *count == 0 : count.error().error == ECONNRESET;
  }
};

TEST_F(Kept, ItIsStartedForARequestAndAgainForTheNext) {
  program("exit 0\n");
  ResidentJudge judge(path(), "the mark");
  EXPECT_FALSE(judge.unattended());
  const auto socket = judge.socket();
  ASSERT_TRUE(socket);
  EXPECT_TRUE(judge.unattended());
  auto session = connect_to_shared_judge(*socket, "192.0.2.1");
  ASSERT_TRUE(session);
  for (int again = 0; again < 2; ++again) {
    judge.attend();
    EXPECT_FALSE(judge.unattended());
    EXPECT_EQ(judge.socket(), socket);
    reap(judge);
    // It was idle, and the request still waits.
    EXPECT_TRUE(judge.unattended());
  }
}

TEST_F(Kept, OneThatFailsGetsNoRequestForAWhile) {
  program("exit 1\n");
  ResidentJudge judge(path(), "the mark");
  const auto socket = judge.socket();
  auto session = connect_to_shared_judge(*socket, "192.0.2.1");
  ASSERT_TRUE(session);
  judge.attend();
  reap(judge);
  EXPECT_TRUE(is_closed(*session));
  session = connect_to_shared_judge(*socket, "192.0.2.1");
  judge.attend();
  EXPECT_TRUE(judge.unattended()) << "none is started";
  EXPECT_TRUE(is_closed(*session));
}

TEST_F(Kept, AnotherProgramIsNotStarted) {
  program("exit 0\n");
  ResidentJudge judge(path(), "another mark");
  auto session = connect_to_shared_judge(*judge.socket(), "192.0.2.1");
  judge.attend();
  EXPECT_TRUE(judge.unattended());
  EXPECT_TRUE(is_closed(*session));
}

TEST_F(Kept, OneThatWasReplacedIsLetGo) {
  program("cat >&0\nexit 0\n");
  ResidentJudge judge(path(), "the mark");
  const auto socket = judge.socket();
  auto session = connect_to_shared_judge(*socket, "192.0.2.1");
  judge.attend();
  EXPECT_FALSE(judge.unattended());
  program("exit 0\n# another\n");
  ASSERT_TRUE(judge.socket());
  EXPECT_TRUE(judge.unattended()) << "the next one is not started before it is asked";
  reap(judge);
  EXPECT_TRUE(judge.unattended());
}

}  // namespace
}  // namespace reqmail::smtpd
