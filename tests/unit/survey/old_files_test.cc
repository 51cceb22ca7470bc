#include "survey/old_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "sys/file.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::survey {
namespace {

using tests::Scratch;

TEST(OldFiles, OnlyRegularFilesAreRead) {
  const Scratch home;
  home.put("plain", "text");
  EXPECT_EQ(read_plain(home("plain"))->value(), "text");
  EXPECT_FALSE(read_plain(home("none"))->has_value());
  EXPECT_EQ(read_plain(home("plain"), 3).error().text, "is larger than 3 bytes");
  EXPECT_EQ(read_plain(home("plain"), 4)->value(), "text");
  EXPECT_EQ(read_plain(home("")).error().text, "is a directory");
  EXPECT_EQ(read_plain("/dev/zero").error().text, "is a device");
  ASSERT_EQ(::mkfifo(home("fifo").c_str(), 0600), 0);
  EXPECT_EQ(read_plain(home("fifo")).error().text, "is a FIFO");
  ASSERT_EQ(::symlink("plain", home("link").c_str()), 0);
  EXPECT_EQ(read_plain(home("link"))->value(), "text");
  ASSERT_EQ(::symlink("loop", home("loop").c_str()), 0);
  EXPECT_EQ(read_plain(home("loop")).error().text, "is a symbolic link to itself");
  ASSERT_EQ(::symlink("nowhere", home("dangling").c_str()), 0);
  EXPECT_EQ(read_plain(home("dangling")).error().text, "is a symbolic link to nothing");
}

TEST(OldFiles, ReadingLeavesTheTimeOfAccess) {
  const Scratch home;
  const std::string file = home.put("plain", "text");
  struct ::timespec times[2] = {{1000000000, 0}, {1000000001, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  ASSERT_TRUE(read_plain(file)->has_value());
  EXPECT_EQ(sys::status(file)->st_atime, 1000000000);
}

TEST(OldFiles, NamesAreSortedAndMissingDirectoriesEmpty) {
  const Scratch home;
  home.put("d/b", "");
  home.put("d/a", "");
  const auto entries = list_entries(home("d"));
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[0].name, "a");
  EXPECT_TRUE(list_entries(home("none"))->empty());
  EXPECT_FALSE(list_entries(home("d/a")));
}

TEST(OldFiles, ControlLines) {
  const Scratch home;
  EXPECT_EQ(control_lines("a \n#b\n\n \t\nc\td"), (std::vector<std::string>{"a", "c\td"}));
}

}  // namespace
}  // namespace reqmail::survey
