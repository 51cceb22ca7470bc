#include "upgrade/channels.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "sys/file.h"
#include "tests/unit/support/scratch.h"
#include "upgrade/disk.h"

namespace {

using namespace reqmail::upgrade;      // NOLINT(google-build-using-namespace)
using namespace std::string_literals;  // NOLINT(google-build-using-namespace)
using reqmail::tests::Scratch;

constexpr time_t kEarly = 1000000000;
constexpr time_t kLate = 1100000000;

void set_time(const std::string& path, time_t time) {
  const struct ::timespec times[2] = {{time, 0}, {time, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

// Adds message 1007 to a queue whose split is 23, with a directory of an additional channel.
Scratch& plant(Scratch& home) {
  for (const char* folder : {"todo", "info/18", "local/18", "remote/18", "suppl0/18"}) {
    (void)make_directories(home("queue/"s + folder), 0700);
  }
  home.put("queue/info/18/1007", "Fs@a\0"s);
  home.put("queue/suppl0/18/1007", "Tc@s\0Dd@s\0"s);
  return home;
}

TEST(Channels, AQueueWithoutThemHasNone) {
  const Scratch home;
  home.put("queue/remote/18/1007", "");
  home.put("queue/suppl0", "a file");
  EXPECT_FALSE(has_channels(home("")));
  const auto moved = empty_channels(home(""));
  ASSERT_TRUE(moved);
  EXPECT_EQ(*moved, 0U);
}

TEST(Channels, AListGoesToRemote) {
  Scratch home;
  plant(home);
  set_time(home("queue/suppl0/18/1007"), kEarly);
  EXPECT_TRUE(has_channels(home("")));
  EXPECT_EQ(waiting_in_channels(home("")).value_or(9), 1U);
  ASSERT_EQ(empty_channels(home("")).value_or(9), 1U);
  EXPECT_EQ(home.get("queue/remote/18/1007"), "Tc@s\0Dd@s\0"s);
  EXPECT_EQ(reqmail::sys::status(home("queue/remote/18/1007"))->st_mtime, kEarly);
  EXPECT_FALSE(home.has("queue/suppl0/18/1007"));
  EXPECT_TRUE(home.has("queue/suppl0/18"));
  EXPECT_EQ(waiting_in_channels(home("")).value_or(9), 0U);
  EXPECT_EQ(empty_channels(home("")).value_or(9), 0U);
}

TEST(Channels, ItGoesBehindWhatRemoteHas) {
  Scratch home;
  plant(home);
  home.put("queue/remote/18/1007", "De@r\0Tf@r\0"s);
  (void)::chmod(home("queue/remote/18/1007").c_str(), 0600);
  set_time(home("queue/remote/18/1007"), kLate);
  set_time(home("queue/suppl0/18/1007"), kEarly);
  (void)make_directories(home("queue/suppl1/18"), 0700);
  home.put("queue/suppl1/18/1007", "Tg@t\0"s);
  ASSERT_EQ(empty_channels(home("")).value_or(9), 2U);
  const std::string list = home.get("queue/remote/18/1007");
  EXPECT_EQ(list.substr(0, 10), "De@r\0Tf@r\0"s);
  EXPECT_EQ(list.size(), 25U);
  EXPECT_NE(list.find("Tc@s\0Dd@s\0"s), std::string::npos);
  EXPECT_NE(list.find("Tg@t\0"s), std::string::npos);
  const auto status = reqmail::sys::status(home("queue/remote/18/1007"));
  EXPECT_EQ(status->st_mode & 07777U, 0600U);
  EXPECT_EQ(status->st_mtime, kEarly);
  EXPECT_FALSE(home.has("queue/suppl0/18/1007"));
}

TEST(Channels, AMergeThatWasCutShortIsNotRepeated) {
  Scratch home;
  plant(home);
  home.put("queue/remote/18/1007", "Te@r\0Dc@s\0Dd@s\0"s);
  home.put("queue/suppl0/18/1007.merged", "T");
  ASSERT_TRUE(empty_channels(home("")));
  EXPECT_EQ(home.get("queue/remote/18/1007"), "Te@r\0Dc@s\0Dd@s\0"s);
  EXPECT_FALSE(home.has("queue/suppl0/18/1007"));
}

TEST(Channels, PartOfAnAddressIsNoMerge) {
  Scratch home;
  plant(home);
  home.put("queue/suppl0/18/1007", "Tc@s\0"s);
  home.put("queue/remote/18/1007", "Txc@s\0"s);
  ASSERT_TRUE(empty_channels(home("")));
  EXPECT_EQ(home.get("queue/remote/18/1007"), "Txc@s\0Tc@s\0"s);
}

TEST(Channels, WhatTodoStillHasIsWrittenAnew) {
  for (const char* todo : {"queue/todo/1007", "queue/todo/18/1007"}) {
    Scratch home;
    plant(home);
    home.put(todo, "Fs@a\0Tc@s\0"s);
    ASSERT_TRUE(empty_channels(home("")));
    EXPECT_FALSE(home.has("queue/suppl0/18/1007")) << todo;
    EXPECT_FALSE(home.has("queue/remote/18/1007")) << todo;
  }
}

TEST(Channels, RestsAndStrangersStay) {
  Scratch home;
  plant(home);
  home.put("queue/suppl0/18/41", "Tx@s\0"s);
  home.put("queue/suppl0/18/README", "x");
  home.put("queue/suppl0/notes/1007", "x");
  ASSERT_EQ(empty_channels(home("")).value_or(9), 1U);
  EXPECT_TRUE(home.has("queue/suppl0/18/41"));
  EXPECT_TRUE(home.has("queue/suppl0/18/README"));
  EXPECT_TRUE(home.has("queue/suppl0/notes/1007"));
}

TEST(Channels, AListThatEndsWithinAnAddressIsSaid) {
  Scratch home;
  plant(home);
  home.put("queue/remote/18/1007", "Te@");
  const auto moved = empty_channels(home(""));
  ASSERT_FALSE(moved);
  EXPECT_NE(moved.error().text.find("1007"), std::string::npos);
  EXPECT_TRUE(home.has("queue/suppl0/18/1007"));
}

}  // namespace
