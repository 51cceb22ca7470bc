// What children inherit, and how their ends are reported.
#include "sys/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>

#include "base/program_end.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace reqmail::sys {
namespace {

ChildSpec shell(const std::string& script) {
  ChildSpec spec;
  spec.program = "/bin/sh";
  spec.arguments = {"sh", "-c", script};
  return spec;
}

base::ProgramEnd run(const ChildSpec& spec) {
  auto child = spawn(spec);
  EXPECT_TRUE(child);
  auto status = child->wait();
  EXPECT_TRUE(status);
  return *status;
}

std::string output_of(ChildSpec spec) {
  auto pipe = make_pipe();
  EXPECT_TRUE(pipe);
  spec.descriptors.push_back({pipe->write.get(), 1});
  auto child = spawn(spec);
  EXPECT_TRUE(child);
  pipe->write.close();
  auto text = read_all(pipe->read.get(), 1 << 16);
  EXPECT_TRUE(child->wait());
  return text ? *text : "unreadable";
}

TEST(Spawn, TellsExitCodesFromCrashes) {
  EXPECT_EQ(run(shell("exit 7")).code, 7);
  EXPECT_FALSE(run(shell("exit 7")).crashed);
  const base::ProgramEnd killed = run(shell("kill -9 $$"));
  EXPECT_TRUE(killed.crashed);
  EXPECT_EQ(killed.code, SIGKILL);
}

TEST(Spawn, WorkIsDoneInTheChildWithNothingElseOpen) {
  const Fd extra(::open("/dev/null", O_RDONLY));
  ASSERT_TRUE(extra.valid());
  int here = 1;
  ChildSpec spec;
  spec.program = "/x/some-name";
  spec.directory = "/";
  spec.work = [&here, &extra] {
    here = 2;
    const std::string name = *read_file("/proc/thread-self/comm", 100);
    (void)!write_all(1, name + (is_open(extra.get()) ? "open" : "closed") + " " +
                            (is_open(1) ? "open" : "closed"));
    return 0;
  };
  EXPECT_EQ(output_of(spec), "some-name\nclosed open");
  EXPECT_EQ(here, 1);
  spec.program = "without-slash";
  spec.work = [] { return 93; };
  EXPECT_EQ(run(spec).code, 93);
  spec.work = [] {
    (void)::raise(SIGKILL);
    return 0;
  };
  EXPECT_TRUE(run(spec).crashed);
}

TEST(Spawn, WorkIsNotDoneWithoutTheDirectory) {
  ChildSpec spec;
  spec.directory = "/no/such";
  spec.work = [] { return 0; };
  EXPECT_EQ(run(spec).code, kExecFailed);
}

TEST(Spawn, GivesArgumentsEnvironmentAndDirectory) {
  ChildSpec spec = shell("printf '%s|' \"$0\" \"$X\" \"$PWD\"");
  spec.arguments.emplace_back("zero");
  spec.environment = {"X=y z"};
  spec.directory = "/tmp";
  EXPECT_EQ(output_of(spec), "zero|y z|/tmp|");
}

TEST(Spawn, SwapsDescriptors) {
  auto a = make_pipe();
  auto b = make_pipe();
  ASSERT_TRUE(a && b);
  const int x = a->write.get();
  const int y = b->write.get();
  ChildSpec spec = shell("echo a >&" + std::to_string(x) + "; echo b >&" + std::to_string(y));
  spec.descriptors = {{x, y}, {y, x}};
  EXPECT_EQ(run(spec).code, 0);
  a->write.close();
  b->write.close();
  EXPECT_EQ(*read_all(a->read.get(), 100), "b\n");
  EXPECT_EQ(*read_all(b->read.get(), 100), "a\n");
}

TEST(Spawn, DescriptorMayStayWhereItIs) {
  auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  const int x = pipe->write.get();
  ChildSpec spec = shell("echo here >&" + std::to_string(x));
  spec.descriptors = {{x, x}};
  EXPECT_EQ(run(spec).code, 0);
  pipe->write.close();
  EXPECT_EQ(*read_all(pipe->read.get(), 100), "here\n");
}

TEST(Spawn, CodesForWhatCannotRun) {
  ChildSpec spec;
  spec.program = "/nowhere/program";
  spec.arguments = {"program"};
  EXPECT_EQ(run(spec).code, kExecFailed);
  spec.exec_failed = 100;
  spec.exec_failed_temporary = 111;
  EXPECT_EQ(run(spec).code, 100);  // such a program cannot appear later either
  spec.program = "/tmp";
  EXPECT_EQ(run(spec).code, 100);
  spec.program = "/bin/sh";
  spec.descriptors = {{9999, 1}};
  EXPECT_EQ(run(spec).code, 100);
}

TEST(Spawn, TemporaryTroubleHasItsOwnCode) {
  char name[] = "/tmp/process-test-XXXXXX";
  const Fd busy(::mkstemp(name));
  ASSERT_TRUE(busy.valid());
  ASSERT_TRUE(write_all(busy.get(), "#!/bin/sh\n"));
  ASSERT_EQ(::chmod(name, 0755), 0);
  ChildSpec spec;
  spec.program = name;
  spec.arguments = {name};
  spec.exec_failed = 100;
  spec.exec_failed_temporary = 111;
  EXPECT_EQ(run(spec).code, 111);  // a file that is open for writing gives ETXTBSY
  (void)::unlink(name);
}

TEST(Spawn, LooksInPath) {
  const char* before = ::getenv("PATH");
  const std::string saved = before == nullptr ? "" : before;
  ASSERT_EQ(::setenv("PATH", "/nowhere:/bin:/usr/bin", 1), 0);
  ChildSpec spec;
  spec.program = "sh";
  spec.arguments = {"sh", "-c", "exit 5"};
  EXPECT_EQ(run(spec).code, 5);
  ASSERT_EQ(::setenv("PATH", "/nowhere", 1), 0);
  EXPECT_EQ(run(spec).code, kExecFailed);
  ASSERT_EQ(::setenv("PATH", saved.c_str(), 1), 0);
}

TEST(Spawn, CaughtSignalsAreAtTheirDefaultAndIgnoredOnesIgnored) {
  disregard_signals({SIGPIPE});
  ignore_signals({SIGUSR2});
  block_signals({SIGUSR1});
  EXPECT_TRUE(run(shell("kill -PIPE $$; exit 3")).crashed);
  EXPECT_EQ(run(shell("kill -USR2 $$; exit 3")).code, 3);
  EXPECT_TRUE(run(shell("kill -USR1 $$; exit 3")).crashed);
  default_signals({SIGPIPE, SIGUSR2});
  unblock_signals({SIGUSR1});
}

TEST(Spawn, ParentKeepsItsMask) {
  block_signals({SIGUSR1});
  EXPECT_EQ(run(shell("exit 0")).code, 0);
  sigset_t mask;
  ASSERT_EQ(::sigprocmask(SIG_BLOCK, nullptr, &mask), 0);
  EXPECT_EQ(::sigismember(&mask, SIGUSR1), 1);
  EXPECT_EQ(::sigismember(&mask, SIGTERM), 0);
  unblock_signals({SIGUSR1});
}

TEST(Spawn, InheritedDescriptorsGoWhereAsked) {
  auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  const int x = pipe->write.get();
  set_close_on_exec(x, false);
  const ChildSpec spec = shell("test -e /proc/self/fd/" + std::to_string(x));
  EXPECT_EQ(run(spec).code, 0);
  set_close_on_exec_from(3);
  EXPECT_EQ(run(spec).code, 1);
}

TEST(Spawn, IdentityIsTakenWhole) {
  if (::getuid() != 0) {
    GTEST_SKIP() << "needs root";
  }
  ChildSpec spec = shell("id -u; id -g; id -G");
  spec.identity = Identity{7001, 7002};
  EXPECT_EQ(output_of(spec), "7001\n7002\n7002\n");
  spec.identity = Identity{static_cast<uid_t>(-1), 7002};
  spec.identity_failed = 112;
  EXPECT_EQ(run(spec).code, 112);
}

TEST(Spawn, TrustedIdentityIsTakenAsWell) {
  if (::getuid() != 0) {
    GTEST_SKIP() << "needs root";
  }
  ChildSpec spec = shell("id -u; id -g; id -G");
  spec.identity = Identity{7001, 7002};
  spec.identity_trusted = true;
  EXPECT_EQ(output_of(spec), "7001\n7002\n7002\n");
  // The child that borrowed our memory has changed nothing in it.
  EXPECT_EQ(::getuid(), 0U);
  EXPECT_EQ(::getegid(), 0U);
}

TEST(Spawn, BorrowingLeavesTheParentAsItWas) {
  disregard_signals({SIGPIPE});
  ChildSpec spec = shell("exit 0");
  spec.directory = "/tmp";
  char before[4096];
  char after[4096];
  ASSERT_NE(::getcwd(before, sizeof before), nullptr);
  EXPECT_EQ(run(spec).code, 0);
  ASSERT_NE(::getcwd(after, sizeof after), nullptr);
  EXPECT_STREQ(before, after);
  struct sigaction action = {};
  ASSERT_EQ(::sigaction(SIGPIPE, nullptr, &action), 0);
  EXPECT_NE(action.sa_handler, SIG_DFL);
  EXPECT_NE(::fcntl(0, F_GETFD), -1);
  default_signals({SIGPIPE});
}

TEST(BecomeProgram, MovesAndRuns) {
  auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  const pid_t child = ::fork();
  if (child == 0) {
    ChildSpec spec = shell("echo became");
    spec.descriptors = {{pipe->write.get(), 1}};
    (void)become_program(spec);
    ::_exit(99);
  }
  pipe->write.close();
  EXPECT_EQ(*read_all(pipe->read.get(), 100), "became\n");
  EXPECT_EQ(Child(child).wait()->code, 0);
}

TEST(BecomeProgram, ReturnsOnFailure) {
  ChildSpec spec;
  spec.program = "/nowhere/program";
  spec.arguments = {"program"};
  EXPECT_EQ(become_program(spec).error, ENOENT);
}

TEST(ProgramInPath, IsExecutable) {
  EXPECT_TRUE(is_program_in_path("sh"));
  EXPECT_FALSE(is_program_in_path("no-such-program.example.net"));
}

TEST(ProgramPath, IsThatOfTheProgramThatWouldBeExecuted) {
  EXPECT_EQ(program_path("/bin/sh"), "/bin/sh");
  EXPECT_EQ(program_path("/nonexistent"), std::nullopt);
  EXPECT_EQ(program_path("no-such-program.example.net"), std::nullopt);
  EXPECT_TRUE(program_path("sh")->ends_with("/sh"));
}

}  // namespace
}  // namespace reqmail::sys
