#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "survey/process_list.h"
#include "sys/file.h"
#include "sys/lock.h"
#include "sys/stream.h"
#include "tests/unit/support/scratch.h"
#include "tests/unit/support/started_program.h"
#include "upgrade/queue_change.h"
#include "upgrade/restart.h"
#include "upgrade/service_control.h"
#include "upgrade/strays.h"

namespace reqmail::upgrade {
namespace {

using tests::Scratch;
using tests::StartedProgram;

class UpgradeDaemons : public ::testing::Test {
 protected:
  Scratch home_;
  sys::Writer out_{STDERR_FILENO};
  Progress say_{out_};
};

TEST_F(UpgradeDaemons, AFreeQueueIsHeldUntilTheDescriptorCloses) {
  const std::string path = home_.put("queue/lock/sendmutex", "");
  {
    const auto held = hold_queue(home_(""), say_);
    ASSERT_TRUE(held);
    const auto other = sys::open_read_write(path);
    EXPECT_EQ(sys::try_lock_exclusive(other->get()).error().error, EWOULDBLOCK);
  }
  EXPECT_TRUE(hold_queue(home_(""), say_));
}

TEST_F(UpgradeDaemons, AQueueWithoutItsLockIsNotHeld) {
  EXPECT_FALSE(hold_queue(home_(""), say_));
}

TEST_F(UpgradeDaemons, AStrayOfTheHomeIsEndedAndNoOther) {
  home_.make_folder("bin");
  home_.make_folder("other");
  std::filesystem::copy_file("/bin/sleep", home_("bin/qmail-clean"));
  std::filesystem::copy_file("/bin/sleep", home_("other/qmail-clean"));
  const StartedProgram stray(home_("bin/qmail-clean"), "/");
  const StartedProgram other(home_("other/qmail-clean"), "/");
  ASSERT_TRUE(end_strays(home_(""), say_));
  EXPECT_FALSE(survey::read_process(stray.pid()));
  EXPECT_TRUE(survey::read_process(other.pid()));
}

TEST_F(UpgradeDaemons, FurtherChannelsAreEmptied) {
  home_.put("queue/mess/1/24", "");
  home_.put("queue/info/1/24", "Fa@b");
  home_.put("queue/suppl0/1/24", std::string("Tc@d\0", 5));
  home_.make_folder("queue/remote/1");
  Record record;
  ASSERT_TRUE(convert_queue(home_(""), record, say_));
  EXPECT_TRUE(home_.has("queue/suppl0/1/24"));
  record.channels = true;
  ASSERT_TRUE(convert_queue(home_(""), record, say_));
  EXPECT_EQ(home_.get("queue/remote/1/24"), std::string("Tc@d\0", 5));
}

TEST_F(UpgradeDaemons, WithoutRcAServiceIsStartedByHand) {
  EXPECT_EQ(start_service(home_(""), {}).error().text,
            "start qmail by hand, as this host does at boot");
  home_.put("rc", "#!/bin/sh\n: >\"$0.ran\"\n");
  std::filesystem::permissions(home_("rc"), std::filesystem::perms(0755));
  ASSERT_TRUE(start_service(home_(""), {}));
  for (int count = 0; count < 500 && !home_.has("rc.ran"); ++count) {
    ::usleep(10000);
  }
  EXPECT_TRUE(home_.has("rc.ran"));
}

TEST_F(UpgradeDaemons, WhatNobodySupervisesIsNotRestarted) {
  EXPECT_FALSE(restart_service_of(home_.put("service/run", "")));
  EXPECT_FALSE(restart_service_of(home_.put("service/finish", "")));
  EXPECT_FALSE(reload_unit(home_.put("inetd.conf", "")));
}

TEST_F(UpgradeDaemons, AMarkIsOfOneProcessForGood) {
  const survey::RunningSend send{7, 100, {}};
  EXPECT_TRUE(is_marked(send, mark_of(send)));
  EXPECT_FALSE(is_marked({7, 101, {}}, mark_of(send)));
  EXPECT_FALSE(is_marked({8, 100, {}}, mark_of(send)));
}

}  // namespace
}  // namespace reqmail::upgrade
