// qmail-send from taking its lock to its end. This process acts as the spawners and
// qmail-clean.
#include "send/daemon.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <utility>

#include "sys/fd.h"
#include "sys/stream.h"
#include "tests/unit/support/child_report.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::send {
namespace {

using tests::ChildReport;

class SendDaemon : public ::testing::Test {
 protected:
  SendDaemon() {
    for (const auto* name :
         {"mess", "info", "local", "remote", "todo", "intd", "bounce", "pid", "lock"}) {
      ::mkdir(name, 0700);
    }
    for (const auto* name : {"mess/0", "info/0", "local/0", "remote/0"}) {
      ::mkdir(name, 0700);
    }
    testing::put_file("lock/sendmutex", "");
    (void)::mkfifo("lock/trigger", 0600);
    (void)::chmod("lock/trigger", 0622);
  }

  // Returns the output of a qmail-send and how it ended. It reads its reports from `reports`;
  // its orders and commands are discarded.
  static ChildReport run(
      int reports, const std::function<void(pid_t)>& once_it_speaks = [](pid_t) {}) {
    const auto serve = [reports] {
      // The descriptor must not have a number that qmail-send uses.
      const int given = ::dup(reports);
      const int high = ::fcntl(given, F_DUPFD, 20);
      const int null = ::open("/dev/null", O_RDWR);
      for (const int fd :
           {send_fd::kLocalOrders, send_fd::kRemoteOrders, send_fd::kCleanCommands}) {
        (void)::dup2(null, fd);
      }
      auto quiet = sys::make_pipe();
      (void)::dup2(high, send_fd::kLocalReports);
      (void)::dup2(high, send_fd::kRemoteReports);
      (void)::dup2(::fcntl(quiet->read.get(), F_DUPFD, 20), send_fd::kCleanAnswers);
      SendSettings settings;
      settings.scheduler.concurrency = {{10, 20}};
      settings.scheduler.lifetime = base::Seconds(604800);
      ::_exit(run_send(std::move(settings)));
    };
    return tests::report_of_child(send_fd::kLog, serve, once_it_speaks);
  }

  testing::TemporaryHome home_;
  sys::Fd nothing_{::open("/dev/null", O_RDONLY)};
};

void expect_refusal(const ChildReport& report, const std::string& what) {
  EXPECT_EQ(report.end.code, 111);
  EXPECT_EQ(report.said, "alert: cannot start: " + what + "\n");
}

TEST_F(SendDaemon, NeedsItsLock) {
  ASSERT_EQ(::unlink("lock/sendmutex"), 0);
  expect_refusal(run(nothing_.get()), "unable to open mutex");
}

TEST_F(SendDaemon, NeedsAWholeQueue) {
  ASSERT_EQ(::rmdir("info/0"), 0);
  expect_refusal(run(nothing_.get()),
                 "a numbered directory is missing in queue/mess, info, local or remote");
  ASSERT_EQ(::mkdir("info/0", 0700), 0);
  ASSERT_EQ(::mkdir("todo/0", 0700), 0);
  expect_refusal(run(nothing_.get()),
                 "queue/todo is split (big-todo): run qmail-upgrade first");
  ASSERT_EQ(::rmdir("mess/0"), 0);
  expect_refusal(run(nothing_.get()), "unable to count the directories of queue/mess");
}

TEST_F(SendDaemon, NeedsTheLimitsOfBothSpawners) {
  expect_refusal(run(nothing_.get()), "hath the daemon spawn no fire?");
}

TEST_F(SendDaemon, EndsAtTermWithItsStatus) {
  const auto reports = sys::make_pipe();
  ASSERT_TRUE(reports);
  // Each spawner sends one byte: 5 and 7 deliveries at once.
  ASSERT_TRUE(sys::write_all(reports->write.get(), "\5\7"));
  const ChildReport report =
      run(reports->read.get(), [](pid_t daemon) { (void)::kill(daemon, SIGTERM); });
  EXPECT_EQ(report.end.code, 0);
  EXPECT_EQ(report.said, "status: local 0/5 remote 0/7\nstatus: exiting\n");
}

TEST(SendLog, OneLine) {
  const ChildReport report =
      tests::report_of_child(send_fd::kLog, [] { write_send_log("status: x\n"); });
  EXPECT_EQ(report.said, "status: x\n");
}

}  // namespace
}  // namespace reqmail::send
