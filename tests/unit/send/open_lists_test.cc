#include "send/open_lists.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <utility>

#include "tests/unit/support/crash_files.h"

namespace reqmail::send {
namespace {

using namespace std::string_literals;
using reqmail::testing::CrashFiles;
using reqmail::testing::DiskState;
using scheduler::Channel;

const mail::QueueLayout kLayout(23);
const mail::MessageId kOne(145);
const mail::MessageId kTwo(146);

TEST(OpenLists, MarkWhatIsOpenAndWhatIsNot) {
  CrashFiles files(DiskState{{"remote/7/145", "Ta\0Tb\0"s}, {"local/7/145", "Tc\0"s}});
  OpenLists lists(files, kLayout);
  ASSERT_TRUE(lists.mark_done(Channel::remote, kOne, 3));
  ASSERT_TRUE(lists.mark_done(Channel::local, kOne, 0));
  EXPECT_EQ(files.now(), (DiskState{{"remote/7/145", "Ta\0Db\0"s}, {"local/7/145", "Dc\0"s}}));
  EXPECT_EQ(lists.mark_done(Channel::remote, kTwo, 0).error().error, ENOENT);
}

// An open list is not opened by its path again, since that may be gone.
TEST(OpenLists, StayOpenUntilTheyAreClosed) {
  CrashFiles files(DiskState{{"remote/7/145", "Ta\0Tb\0"s}});
  OpenLists lists(files, kLayout);
  lists.keep(Channel::remote, kOne, *files.open_write("remote/7/145"));
  ASSERT_TRUE(files.unlink("remote/7/145"));
  EXPECT_TRUE(lists.mark_done(Channel::remote, kOne, 0));
  lists.close(Channel::local, kOne);
  EXPECT_TRUE(lists.mark_done(Channel::remote, kOne, 0));
  lists.close(kOne);
  EXPECT_EQ(lists.mark_done(Channel::remote, kOne, 0).error().error, ENOENT);
}

TEST(OpenLists, ANewListReplacesTheOld) {
  CrashFiles files(DiskState{{"remote/7/145", "Told\0"s}});
  OpenLists lists(files, kLayout);
  lists.keep(Channel::remote, kOne, *files.open_write("remote/7/145"));
  ASSERT_TRUE(files.unlink("remote/7/145"));
  auto fresh = files.create("remote/7/145", 0600);
  ASSERT_TRUE((*fresh)->write("Tnew\0"s));
  lists.keep(Channel::remote, kOne, std::move(*fresh));
  ASSERT_TRUE(lists.mark_done(Channel::remote, kOne, 0));
  EXPECT_EQ(files.now()["remote/7/145"], "Dnew\0"s);
}

TEST(OpenLists, TheFirstIsClosedWhenThereAreTooMany) {
  CrashFiles files(DiskState{{"remote/7/145", "Ta\0"s}, {"remote/8/146", "Ta\0"s}});
  OpenLists lists(files, kLayout, 1);
  ASSERT_TRUE(lists.mark_done(Channel::remote, kOne, 0));
  ASSERT_TRUE(lists.mark_done(Channel::remote, kTwo, 0));
  ASSERT_TRUE(files.unlink("remote/7/145"));
  ASSERT_TRUE(files.unlink("remote/8/146"));
  EXPECT_FALSE(lists.mark_done(Channel::remote, kOne, 0));
  EXPECT_TRUE(lists.mark_done(Channel::remote, kTwo, 0));
}

}  // namespace
}  // namespace reqmail::send
