// The calls that differ between systems. Those that change the process for good run in a child.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>

#include "compat/call_filter.h"
#include "compat/capabilities.h"
#include "compat/close_range.h"
#include "compat/filter_parts.h"
#include "compat/no_new_privs.h"
#include "compat/no_tracing.h"
#include "compat/process_name.h"
#include "compat/process_watch.h"
#include "compat/quiet_open.h"
#include "compat/reading_filter.h"
#include "compat/rename_new.h"
#include "compat/socket_peer.h"
#include "compat/sync_data.h"
#include "tests/unit/support/call_filters.h"

namespace reqmail::compat {
namespace {

// Returns the status of a child that runs `body` and exits with its result.
int status_of(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(body());
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

bool succeeds(const std::function<bool()>& body) {
  const int status = status_of([&body] { return body() ? 0 : 1; });
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

class TemporaryFile {
 public:
  TemporaryFile() : fd_(::mkstemp(name_)) {}

  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  ~TemporaryFile() {
    ::close(fd_);
    ::unlink(name_);
  }

  [[nodiscard]] int fd() const { return fd_; }

  [[nodiscard]] const char* name() const { return name_; }

 private:
  char name_[32] = "/tmp/reqmail-compat-XXXXXX";
  int fd_;
};

TEST(CloseRange, FromThatDescriptorOn) {
  EXPECT_TRUE(succeeds([] {
    const int low = ::open("/dev/null", O_RDONLY);
    const int high = ::dup2(low, 200);
    set_close_on_exec_from(low + 1);
    return ::fcntl(low, F_GETFD) == 0 && ::fcntl(high, F_GETFD) == FD_CLOEXEC;
  }));
  EXPECT_TRUE(succeeds([] {
    const int low = ::open("/dev/null", O_RDONLY);
    const int high = ::dup2(low, 200);
    close_from(low + 1);
    return ::fcntl(low, F_GETFD) == 0 && ::fcntl(high, F_GETFD) == -1 && errno == EBADF;
  }));
}

TEST(NoNewPrivileges, StayForbidden) {
  EXPECT_TRUE(succeeds([] {
    forbid_new_privileges();
    return are_new_privileges_forbidden();
  }));
  EXPECT_EQ(are_new_privileges_forbidden(), ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
}

TEST(NoTracing, MemoryIsHidden) {
  EXPECT_TRUE(succeeds([] {
    forbid_tracing();
    return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
  }));
}

TEST(QuietOpen, ReadsWithoutATimeOfAccess) {
  const TemporaryFile file;
  ASSERT_EQ(::write(file.fd(), "x", 1), 1);
  // The time of last access is older than that of the last change, so that an ordinary open
  // would update it.
  const timespec times[2] = {{1000000000, 0}, {1100000000, 0}};
  ASSERT_EQ(::futimens(file.fd(), times), 0);
  const int fd = open_quietly(file.name());
  ASSERT_GE(fd, 0);
  char byte = 0;
  EXPECT_EQ(::read(fd, &byte, 1), 1);
  EXPECT_EQ(::fcntl(fd, F_GETFD), FD_CLOEXEC);
  struct stat status = {};
  ASSERT_EQ(::fstat(fd, &status), 0);
  EXPECT_EQ(status.st_atime, 1000000000);
  ::close(fd);
}

TEST(QuietOpen, NoSuchFileIsAnError) {
  EXPECT_EQ(open_quietly("/nonexistent/file"), -1);
  EXPECT_EQ(errno, ENOENT);
}

TEST(SyncData, FileSystemOfAnOpenFile) {
  const TemporaryFile file;
  start_writing(file.fd());
  start_writing(-1);
  EXPECT_TRUE(sync_file_system(file.fd()));
  EXPECT_FALSE(sync_file_system(-1));
  EXPECT_EQ(errno, EBADF);
}

// Returns the status of a child that runs `body` under the filter.
int status_under_filter(const std::function<void()>& body, Calls calls = Calls::talking) {
  return status_of([&body, calls] {
    forbid_new_privileges();
    if (!allow_only(calls)) {
      return 77;
    }
    body();
    // _exit() is not used, since a sanitizer makes other system calls before it.
    (void)::syscall(SYS_exit_group, 0);
    return 1;
  });
}

TEST(CallFilter, TalksAndNothingElse) {
  int ends[2] = {};
  ASSERT_EQ(::pipe(ends), 0);
  const int talked = status_under_filter([&ends] { (void)!::write(ends[1], "x", 1); });
  if (WIFEXITED(talked) && WEXITSTATUS(talked) == 77) {
    GTEST_SKIP() << "this system has no filter of calls";
  }
  EXPECT_TRUE(WIFEXITED(talked) && WEXITSTATUS(talked) == 0);
  char byte = 0;
  EXPECT_EQ(::read(ends[0], &byte, 1), 1);
  const int opened = status_under_filter([] { (void)::open("/dev/null", O_RDONLY); });
  EXPECT_TRUE(WIFSIGNALED(opened) && WTERMSIG(opened) == SIGSYS);
  const int forked = status_under_filter([] { (void)::kill(::getpid(), 0); });
  EXPECT_TRUE(WIFSIGNALED(forked) && WTERMSIG(forked) == SIGSYS);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(CallFilter, ReceivesDescriptors) {
  int ends[2] = {};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
  const auto receive = [&ends] {
    msghdr message = {};
    (void)::recvmsg(ends[0], &message, MSG_DONTWAIT);
  };
  const int received = status_under_filter(receive, Calls::receiving);
  if (WIFEXITED(received) && WEXITSTATUS(received) == 77) {
    GTEST_SKIP() << "this system has no filter of calls";
  }
  EXPECT_TRUE(WIFEXITED(received) && WEXITSTATUS(received) == 0);
  const int talked = status_under_filter(receive, Calls::talking);
  EXPECT_TRUE(WIFSIGNALED(talked) && WTERMSIG(talked) == SIGSYS);
  ::close(ends[0]);
  ::close(ends[1]);
}

// Returns whether `call` succeeds in a child that only reads files, or fails with EPERM.
bool is_forbidden(bool executes, const std::function<long()>& call) {
  const int status = status_of([&] {
    forbid_new_privileges();
    if (!only_read_files(executes)) {
      return 77;
    }
    errno = 0;
    return call() == -1 && errno == EPERM ? 1 : 0;
  });
  EXPECT_TRUE(WIFEXITED(status));
  return WEXITSTATUS(status) != 0;
}

TEST(ReadingFilter, ReadsAndChangesNothing) {
  const auto can_filter = [] {
    forbid_new_privileges();
    return only_read_files(true);
  };
  if (!succeeds(can_filter)) {
    GTEST_SKIP() << "this system has no filter of calls";
  }
  const TemporaryFile file;
  for (const bool executes : {false, true}) {
    EXPECT_FALSE(is_forbidden(executes, [] { return ::open("/etc/passwd", O_RDONLY); }));
    EXPECT_FALSE(is_forbidden(executes, [] { return ::syscall(SYS_getpid); }));
    EXPECT_FALSE(is_forbidden(executes, [] {
      int ends[2] = {};
      return ::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends);
    }));
    EXPECT_FALSE(is_forbidden(executes, [] {
      const pid_t child = ::fork();
      if (child == 0) {
        ::_exit(0);
      }
      return ::waitpid(child, nullptr, 0);
    }));
    EXPECT_TRUE(is_forbidden(executes, [&] { return ::open(file.name(), O_WRONLY); }));
    EXPECT_TRUE(is_forbidden(executes, [&] { return ::open(file.name(), O_RDWR); }));
    EXPECT_TRUE(
        is_forbidden(executes, [] { return ::open("/tmp/x", O_RDONLY | O_CREAT, 0600); }));
    EXPECT_TRUE(is_forbidden(executes, [&] { return ::unlink(file.name()); }));
    EXPECT_TRUE(is_forbidden(executes, [&] { return ::chmod(file.name(), 0600); }));
    EXPECT_TRUE(is_forbidden(executes, [&] { return ::truncate(file.name(), 0); }));
    EXPECT_TRUE(is_forbidden(executes, [] { return ::socket(AF_INET, SOCK_STREAM, 0); }));
    EXPECT_TRUE(is_forbidden(executes, [] { return ::socket(AF_UNIX, SOCK_STREAM, 0); }));
    EXPECT_TRUE(is_forbidden(executes, [] { return ::kill(::getppid(), 0); }));
    EXPECT_TRUE(
        is_forbidden(executes, [] { return ::ptrace(PTRACE_ATTACH, ::getppid(), 0, 0); }));
#if defined(__x86_64__)
    // getpid(2) in the table of x32.
    EXPECT_TRUE(is_forbidden(executes, [] { return ::syscall(0x40000000 + SYS_getpid); }));
#endif
    char name[] = "/nonexistent";
    char* arguments[] = {name, nullptr};
    EXPECT_NE(is_forbidden(executes, [&] { return ::execve(name, arguments, nullptr); }),
              executes);
  }
}

TEST(CallFilter, DescriptorsMayBecomeNonBlockingAlone) {
  int ends[2] = {};
  ASSERT_EQ(::pipe(ends), 0);
  const int flags = status_under_filter(
      [&ends] { (void)::fcntl(ends[0], F_SETFL, ::fcntl(ends[0], F_GETFL) | O_NONBLOCK); });
  if (WIFEXITED(flags) && WEXITSTATUS(flags) == 77) {
    GTEST_SKIP() << "this system has no filter of calls";
  }
  EXPECT_TRUE(WIFEXITED(flags) && WEXITSTATUS(flags) == 0);
  const int owner =
      status_under_filter([&ends] { (void)::fcntl(ends[0], F_SETOWN, ::getpid()); });
  EXPECT_TRUE(WIFSIGNALED(owner) && WTERMSIG(owner) == SIGSYS);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(CallFilter, QueueingMakesFilesAndNothingElse) {
  const TemporaryFile file;
  const std::string other = std::string(file.name()) + ".link";
  const int queued = status_under_filter(
      [&file, &other] {
        const int fd = ::open(file.name(), O_WRONLY);
        (void)!::write(fd, "x", 1);
        (void)!::fsync(fd);
        (void)!::link(file.name(), other.c_str());
      },
      Calls::queueing);
  if (WIFEXITED(queued) && WEXITSTATUS(queued) == 77) {
    GTEST_SKIP() << "this system has no filter of calls";
  }
  EXPECT_TRUE(WIFEXITED(queued) && WEXITSTATUS(queued) == 0);
  EXPECT_EQ(::unlink(other.c_str()), 0);
  const std::function<void()> forbidden[] = {
      [] { (void)::execl("/bin/true", "true", nullptr); },
      [] { (void)::socket(AF_UNIX, SOCK_STREAM, 0); },
      [&file] { (void)::chmod(file.name(), 0600); },
      [&file] { (void)!::truncate(file.name(), 0); },
      [] { (void)::kill(::getpid(), 0); },
  };
  for (const auto& body : forbidden) {
    const int status = status_under_filter(body, Calls::queueing);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
  }
}

// Returns the status of a child that is nobody and runs `body` as `dispatching`.
int status_of_dispatcher(const std::function<void()>& body) {
  constexpr uid_t kNobody = 65534;
  return status_of([&body] {
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) {
      return 2;
    }
    return status_under_filter(body, Calls::dispatching);
  });
}

// What fork(3) does; a sanitizer's makes other calls.
long fork_by(unsigned long flags) {
  const long child = ::syscall(SYS_clone, flags, 0, 0, 0, 0);
  if (child == 0) {
    (void)::syscall(SYS_exit_group, 0);
  }
  return child;
}

void end_with(bool right) {
  (void)::syscall(SYS_exit_group, right ? 0 : 3);
}

TEST(CallFilter, DispatchingMakesProcessesUntilItGivesThemUp) {
  const int made = status_under_filter(
      [] {
        const long child = fork_by(SIGCHLD);
        end_with(child > 0 && ::syscall(SYS_wait4, child, nullptr, 0, nullptr) == child);
      },
      Calls::dispatching);
  if (WIFEXITED(made) && WEXITSTATUS(made) == 77) {
    GTEST_SKIP() << "this system has no filter of calls";
  }
  EXPECT_EQ(made, 0);
  EXPECT_EQ(
      status_of_dispatcher([] { end_with(forbid_processes() && fork_by(SIGCHLD) == -1); }), 0);
  // For good.
  EXPECT_EQ(status_of_dispatcher([] {
              const rlimit many{100, 100};
              end_with(forbid_processes() && ::setrlimit(RLIMIT_NPROC, &many) == -1 &&
                       fork_by(SIGCHLD) == -1);
            }),
            0);
}

TEST(CallFilter, DispatchingIsNoMoreThanThat) {
  if (!tests::has_call_filters()) {
    GTEST_SKIP() << "this system has no filter of calls";
  }
  const rlimit none{0, 0};
  const std::function<void()> forbidden[] = {
      [] { (void)fork_by(CLONE_NEWUSER | SIGCHLD); },
      [] { (void)fork_by(CLONE_VM | SIGCHLD); },
      [] { (void)fork_by(CLONE_PARENT | SIGCHLD); },
      [&none] { (void)::setrlimit(RLIMIT_NOFILE, &none); },
      [&none] { (void)::prlimit(::getppid(), RLIMIT_NPROC, &none, nullptr); },
      [] { (void)::open("/etc/passwd", O_RDONLY); },
      [] { (void)::access("/etc/passwd", R_OK); },
      [] { (void)::execl("/bin/true", "true", nullptr); },
      [] { (void)::bind(0, nullptr, 0); },
      [] { (void)::listen(0, 1); },
      [] { (void)::kill(::getpid(), 0); },
      [] { (void)::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); },
      [] { (void)::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); },
      [] { (void)::fcntl(0, F_SETOWN, 1); },
  };
  std::size_t at = 0;
  for (const auto& body : forbidden) {
    const int status = status_under_filter(body, Calls::dispatching);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) << at++;
  }
}

// Returns a line of this process's status without its name.
std::string status_line(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":\t")) {
      return line.substr(name.size() + 2);
    }
  }
  return "none";
}

TEST(Capabilities, NoneCanBeUsedAnyMore) {
  EXPECT_TRUE(succeeds([] {
    const std::string inheritable = status_line("CapInh");
    drop_capabilities();
    constexpr const char* kNone = "0000000000000000";
    return status_line("CapEff") == kNone && status_line("CapPrm") == kNone &&
           status_line("CapInh") == inheritable && ::chroot("/") != 0 && errno == EPERM;
  }));
}

TEST(SocketPeer, IsTheProcessAtTheOtherEnd) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const auto peer = socket_peer(ends[0]);
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->process, ::getpid());
  EXPECT_EQ(peer->user, ::geteuid());
  ::close(ends[0]);
  ::close(ends[1]);
  EXPECT_FALSE(socket_peer(ends[0]));
}

TEST(ProcessWatch, TellsWhenAProcessEnds) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char byte = 0;
    (void)!::read(ends[0], &byte, 1);
    ::_exit(0);
  }
  const int watch = watch_process(child);
  ASSERT_GE(watch, 0);
  EXPECT_NE(::fcntl(watch, F_GETFD) & FD_CLOEXEC, 0);
  pollfd item = {watch, POLLIN, 0};
  EXPECT_EQ(::poll(&item, 1, 0), 0);
  ASSERT_EQ(::write(ends[1], "", 1), 1);
  EXPECT_EQ(::poll(&item, 1, 10'000), 1);
  EXPECT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(watch_process(child), -1);
  for (const int fd : {watch, ends[0], ends[1]}) {
    ::close(fd);
  }
}

TEST(ProcessName, IsCutToWhatTheSystemTakes) {
  EXPECT_TRUE(succeeds([] {
    set_process_name("qmail-local");
    return status_line("Name") == "qmail-local";
  }));
  EXPECT_TRUE(succeeds([] {
    set_process_name("qmail-with-a-long-name");
    return status_line("Name") == "qmail-with-a-lo";
  }));
}

TEST(RenameNew, ReplacesNothing) {
  char place[] = "/tmp/rename-new.XXXXXX";
  ASSERT_NE(::mkdtemp(place), nullptr);
  const std::string one = std::string(place) + "/one";
  const std::string two = std::string(place) + "/two";
  std::ofstream(one) << "1";
  std::ofstream(two) << "2";
  ASSERT_EQ(rename_new(one.c_str(), two.c_str()), RenameOutcome::failed);
  EXPECT_EQ(errno, EEXIST);
  ASSERT_EQ(::unlink(two.c_str()), 0);
  EXPECT_EQ(rename_new(one.c_str(), two.c_str()), RenameOutcome::renamed);
  EXPECT_EQ(rename_new(one.c_str(), two.c_str()), RenameOutcome::failed);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(::unlink(two.c_str()), 0);
  EXPECT_EQ(::rmdir(place), 0);
}

}  // namespace
}  // namespace reqmail::compat
