#include "survey/process_list.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "tests/unit/support/scratch.h"
#include "tests/unit/support/started_program.h"

namespace reqmail::survey {
namespace {

using tests::Scratch;
using tests::StartedProgram;

TEST(ProcessList, ShowsThisProcess) {
  const auto self = read_process(::getpid());
  ASSERT_TRUE(self);
  EXPECT_EQ(self->parent, ::getppid());
  EXPECT_GT(self->start, 0U);
  EXPECT_EQ(uid_of(::getpid()), ::getuid());
  const auto all = all_processes();
  EXPECT_TRUE(std::any_of(all.begin(), all.end(),
                          [](const Process& process) { return process.pid == ::getpid(); }));
  EXPECT_FALSE(read_process(-1));
}

TEST(ProcessList, ShowsWhatAnotherOneRunsAndWhere) {
  const Scratch home;
  std::filesystem::copy_file("/bin/sleep", home("program"));
  home.make_folder("here");
  const StartedProgram started(home("program"), home("here"));
  EXPECT_EQ(program_link(proc_path(started.pid(), "exe")), home("program"));
  const auto found = processes_in(home("here"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].name, "program");
  EXPECT_EQ(start_variable(started.pid(), "PATH").value_or(""), ::getenv("PATH"));
  EXPECT_FALSE(start_variable(started.pid(), "NO_SUCH_VARIABLE"));
  std::filesystem::remove(home("program"));
  EXPECT_EQ(program_link(proc_path(started.pid(), "exe")), home("program"));
}

}  // namespace
}  // namespace reqmail::survey
