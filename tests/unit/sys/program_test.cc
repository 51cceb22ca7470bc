#include "sys/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <vector>

#include "base/program_end.h"
#include "config.h"
#include "sys/fd.h"
#include "sys/process.h"
#include "sys/stream.h"
#include "tests/unit/support/child_report.h"

namespace reqmail::sys {
namespace {

using tests::in_child;

// The descriptor whose output the test reads.
constexpr int kSaid = 5;

// A hostile caller may start a setuid program in this way.
TEST(Program, MissingStandardDescriptorsAreFilled) {
  const base::ProgramEnd end = in_child([] {
    for (const int fd : {0, 1, 2}) {
      ::close(fd);
    }
    const Program program;
    char byte = 'x';
    const bool input_fails = ::read(0, &byte, 1) < 0 && errno == EBADF;
    const bool output_fails = ::write(1, &byte, 1) < 0 && errno == EBADF;
    const bool errors_go = ::write(2, &byte, 1) == 1;
    const int next = ::open("/dev/null", O_RDONLY);
    const bool none_given =
        !program.was_given(0) && !program.was_given(1) && !program.was_given(2);
    ::_exit(input_fails && output_fails && errors_go && next > 2 && none_given ? 0 : 1);
  });
  EXPECT_TRUE(end.success());
}

TEST(Program, KnowsWhichDescriptorsItWasGiven) {
  const base::ProgramEnd end = in_child([] {
    ::close(1);
    const Program program;
    ::_exit(program.was_given(0) && !program.was_given(1) && program.was_given(2) ? 0 : 1);
  });
  EXPECT_TRUE(end.success());
}

TEST(Program, LibraryBugHasItsCode) {
  const base::ProgramEnd end = in_child([] {
    const Program program({.out_of_memory = 51, .bug = 81});
    // The tests are built with exceptions, so googletest would catch the exception of at().
    []() noexcept { (void)std::vector<int>().at(7); }();
  });
  EXPECT_FALSE(end.crashed);
  EXPECT_EQ(end.code, 81);
}

TEST(Program, OutOfMemoryIsSaidOnItsDescriptor) {
  const tests::ChildReport report = tests::report_of_child(kSaid, [] {
    const Program program({
        .out_of_memory = 51,
        .bug = 81,
        .out_of_memory_fd = kSaid,
        .out_of_memory_text = "alert: out of memory\n",
    });
    std::get_new_handler()();
  });
  EXPECT_EQ(report.end.code, 51);
  EXPECT_EQ(report.said, "alert: out of memory\n");
}

TEST(Program, DaemonWaitsForMemory) {
  const tests::ChildReport report = tests::report_of_child(kSaid, [] {
    const Program program({
        .out_of_memory_fd = kSaid,
        .out_of_memory_text = "alert: out of memory, sleeping...\n",
        .memory_wait_seconds = 1,
    });
    std::get_new_handler()();
    ::_exit(7);
  });
  EXPECT_EQ(report.end.code, 7);
  EXPECT_EQ(report.said, "alert: out of memory, sleeping...\n");
}

TEST(Program, UmaskAndDescriptors) {
  const base::ProgramEnd end = in_child([] {
    const int fd = ::open("/dev/null", O_RDONLY);
    const Program program({.umask = 027, .close_on_exec_from = fd});
    ::_exit(::umask(0) == 027 && ::fcntl(fd, F_GETFD) == FD_CLOEXEC && ::fcntl(0, F_GETFD) == 0
                ? 0
                : 1);
  });
  EXPECT_TRUE(end.success());
}

TEST(Program, UmaskStaysUnlessOneIsWanted) {
  const base::ProgramEnd end = in_child([] {
    (void)::umask(012);
    const Program program;
    ::_exit(::umask(0) == 012 ? 0 : 1);
  });
  EXPECT_TRUE(end.success());
}

TEST(Program, SecretsAreInNoCoreDump) {
  const base::ProgramEnd end = in_child([] {
    const Program program({.holds_secrets = true});
    rlimit limit{};
    ::_exit(::getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0 ? 0 : 1);
  });
  EXPECT_TRUE(end.success());
}

TEST(Program, HomeIsTheOneOfTheBuild) {
  const base::ProgramEnd end = in_child([] {
    const auto entered = Program::enter_home();
    if (!entered) {
      ::_exit(entered.error().error == ENOENT || entered.error().error == EACCES ? 0 : 1);
    }
    std::array<char, 4096> here;
    ::_exit(::getcwd(here.data(), here.size()) != nullptr && here.data() == config::kHome ? 0
                                                                                          : 1);
  });
  EXPECT_TRUE(end.success());
}

}  // namespace
}  // namespace reqmail::sys
