#include "survey/daemons.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "survey/running.h"
#include "tests/unit/support/scratch.h"
#include "tests/unit/support/started_program.h"

namespace reqmail::survey {
namespace {

using tests::Scratch;
using tests::StartedProgram;

TEST(Daemons, AreTheProgramsOfTheHomeThatRun) {
  const Scratch home;
  home.make_folder("bin");
  home.make_folder("queue");
  std::filesystem::copy_file("/bin/sleep", home("bin/qmail-clean"));
  std::filesystem::copy_file("/bin/sleep", home("linked"));
  std::filesystem::create_symlink("../linked", home("bin/qmail-rspawn"));
  const StartedProgram plain(home("bin/qmail-clean"), "/");
  const StartedProgram linked(home("linked"), "/");
  const DaemonFacts facts = look_at_daemons(home(""));
  ASSERT_EQ(facts.daemons.size(), 2U);
  const bool first = facts.daemons[0].pid == plain.pid();
  EXPECT_EQ(facts.daemons[first ? 0 : 1].program, "qmail-clean");
  EXPECT_EQ(facts.daemons[first ? 1 : 0].program, "qmail-rspawn");
  EXPECT_FALSE(facts.qmail_send);
  EXPECT_EQ(check_daemons(home(""), facts).at(0).text, "has no qmail-send running");
}

TEST(Daemons, QmailSendIsFoundByNamePlaceAndAccount) {
  const Scratch home;
  home.make_folder("queue");
  std::filesystem::copy_file("/bin/sleep", home("qmail-send"));
  const StartedProgram started(home("qmail-send"), home("queue"));
  EXPECT_EQ(find_send(home("")).has_value(), ::getuid() == 0);
  EXPECT_FALSE(find_send("/tmp"));
  EXPECT_TRUE(earlier_queue_programs(home("")).empty());
}

TEST(Daemons, SupervisorsAreKnownByName) {
  EXPECT_EQ(supervisor_called("supervise"), Supervisor::daemontools);
  EXPECT_EQ(supervisor_called("runsv"), Supervisor::runit);
  EXPECT_EQ(supervisor_called("s6-supervise"), Supervisor::s6);
  EXPECT_EQ(supervisor_called("init"), Supervisor::none);
}

TEST(Daemons, OneWithoutSupervisorAndRcIsANote) {
  const Scratch home;
  DaemonFacts facts;
  facts.qmail_send = 1;
  EXPECT_EQ(check_daemons(home(""), facts).at(0).severity, Severity::note);
  home.put("rc", "#!/bin/sh\n");
  EXPECT_EQ(check_daemons(home(""), facts).at(0).severity, Severity::harmless);
}

}  // namespace
}  // namespace reqmail::survey
