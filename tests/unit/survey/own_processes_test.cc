#include "survey/own_processes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/unit/support/scratch.h"
#include "tests/unit/support/started_program.h"

namespace reqmail::survey {
namespace {

using tests::Scratch;
using tests::StartedProgram;

class OwnProcessesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* folder : {"bin", "bin.old.20260101-000000", "queue/mess", "other/queue"}) {
      home_.make_folder(folder);
    }
  }

  std::string program(const std::string& name) {
    std::filesystem::copy_file("/bin/sleep", home_(name));
    return home_(name);
  }

  [[nodiscard]] bool has(const StartedProgram& started) const {
    const auto process = read_process(started.pid());
    return process && OwnProcesses(home_("")).has(*process);
  }

  Scratch home_;
};

TEST_F(OwnProcessesTest, AProgramOfTheHomeCountsOnItsWayToTheQueue) {
  const StartedProgram started(program("bin/qmail-todo"), "/");
  EXPECT_TRUE(has(started));
}

TEST_F(OwnProcessesTest, AKeptProgramCounts) {
  const StartedProgram started(program("bin.old.20260101-000000/qmail-todo"), home_("queue"));
  EXPECT_TRUE(has(started));
}

TEST_F(OwnProcessesTest, AProgramThatWasReplacedCounts) {
  const StartedProgram started(program("bin/qmail-queue"), home_("queue/mess"));
  program("bin/new");
  std::filesystem::rename(home_("bin/new"), home_("bin/qmail-queue"));
  EXPECT_TRUE(has(started));
}

TEST_F(OwnProcessesTest, InTheQueueOfAnotherHomeItDoesNot) {
  const StartedProgram started(program("bin/qmail-todo"), home_("other/queue"));
  EXPECT_FALSE(has(started));
}

TEST_F(OwnProcessesTest, ANameAloneDoesNotCount) {
  const StartedProgram elsewhere(program("other/qmail-todo"), "/");
  EXPECT_FALSE(has(elsewhere));
}

TEST_F(OwnProcessesTest, InTheQueueTheAccountDecides) {
  const StartedProgram started(program("other/qmail-todo"), home_("queue"));
  EXPECT_EQ(has(started), ::getuid() == 0);
}

TEST_F(OwnProcessesTest, AScriptOfRootsCountsByItsPath) {
  home_.put("bin/qmail-todo", "#!/bin/sh\nread -r line\n");
  std::filesystem::permissions(home_("bin/qmail-todo"), std::filesystem::perms::all);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::dup2(ends[0], 0), 0);
  const StartedProgram started(home_("bin/qmail-todo"), "/");
  EXPECT_EQ(has(started), ::getuid() == 0);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace reqmail::survey
