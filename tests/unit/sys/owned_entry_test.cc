// Rows of an installation's entries, and the files made from them.
#include "sys/owned_entry.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "sys/file.h"

namespace reqmail::sys {
namespace {

TEST(OwnedEntryRow, HasFiveWordsThePathLast) {
  const auto entry = parse_owned_entry("zeros:1024 12 34 0644 /a/b c");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->kind, OwnedEntry::Kind::zeros);
  EXPECT_EQ(entry->size, 1024U);
  EXPECT_EQ(entry->ownership.uid, 12U);
  EXPECT_EQ(entry->ownership.gid, 34U);
  EXPECT_EQ(entry->ownership.mode, 0644U);
  EXPECT_EQ(entry->path, "/a/b c");
  EXPECT_EQ(parse_owned_entry("dir - - 2755 /a")->ownership.uid, ::geteuid());
  EXPECT_EQ(parse_owned_entry("dir - - 2755 /a")->ownership.gid, kSameGroup);
  EXPECT_EQ(parse_owned_entry("file:a:b - - 0755 /a")->source, "a:b");
  EXPECT_EQ(parse_owned_entry("link:../b - - 0777 /a")->source, "../b");
}

TEST(OwnedEntryRow, RefusesWhatIsNone) {
  for (const char* row :
       {"", "dir", "dir 1 2 0755", "dir 1 2 0755 ", "dir x 2 0755 /a",
        "dir 1 4294967295 0755 /a", "dir 1 2 9755 /a", "dir 1 2 17777 /a", "file 1 2 0755 /a",
        "file: 1 2 0755 /a", "link: 1 2 0777 /a", "zeros: 1 2 0600 /a",
        "zeros:99999999999 1 2 0600 /a", "dir 1 2  0755 /a"}) {
    EXPECT_FALSE(parse_owned_entry(row)) << row;
  }
}

class OwnedEntries : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(place_.data()), nullptr);
    ::umask(0);
  }

  void TearDown() override {
    ::umask(022);
    (void)!std::system(("rm -rf " + place_).c_str());
  }

  Result<bool> ensure(const std::string& row,
                      OnExisting on_existing = OnExisting::set_ownership) {
    auto entry = parse_owned_entry(row);
    entry->path.insert(0, "/");
    return ensure_entry(place_, *entry, on_existing);
  }

  mode_t mode_of(const char* name) { return link_status(place_ + "/" + name)->st_mode & 07777; }

  std::string place_ = "/tmp/entry-test.XXXXXX";
};

TEST_F(OwnedEntries, AreMadeOnceAndThenOnlyMended) {
  for (const char* row : {"dir - - 0750 d", "fifo - - 0622 f", "zeros:10 - - 0600 z"}) {
    EXPECT_TRUE(*ensure(row)) << row;
    EXPECT_FALSE(*ensure(row)) << row;
  }
  EXPECT_EQ(*read_file(place_ + "/z", 99), std::string(10, '\0'));
  EXPECT_EQ(mode_of("f"), 0622U);
  EXPECT_FALSE(*ensure("dir - - 0700 d", OnExisting::leave_alone));
  EXPECT_EQ(mode_of("d"), 0750U);
  EXPECT_TRUE(*ensure("dir - - 0700 d"));
  EXPECT_EQ(mode_of("d"), 0700U);
}

TEST_F(OwnedEntries, PresentIsNeverMade) {
  EXPECT_FALSE(*ensure("present - - 0600 p"));
  EXPECT_FALSE(link_status(place_ + "/p"));
  ASSERT_TRUE(*ensure("zeros:0 - - 0600 p"));
  EXPECT_TRUE(*ensure("present - - 0640 p"));
  EXPECT_EQ(mode_of("p"), 0640U);
}

TEST_F(OwnedEntries, AnotherKindOrALinkStays) {
  ASSERT_TRUE(*ensure("zeros:3 - - 0600 z"));
  EXPECT_EQ(ensure("dir - - 0755 z").error().error, EEXIST);
  EXPECT_EQ(ensure("fifo - - 0755 z").error().error, EEXIST);
  ASSERT_EQ(::symlink("z", (place_ + "/link").c_str()), 0);
  ASSERT_EQ(::symlink("made", (place_ + "/dangling").c_str()), 0);
  ASSERT_EQ(::chmod(place_.c_str(), 0777), 0);
  for (const char* name : {"link", "dangling"}) {
    EXPECT_FALSE(ensure(std::string("zeros:3 - - 0644 ") + name)) << name;
    EXPECT_FALSE(ensure(std::string("present - - 0644 ") + name)) << name;
  }
  EXPECT_EQ(mode_of("z"), 0600U);
  EXPECT_FALSE(link_status(place_ + "/made"));
}

TEST_F(OwnedEntries, ALinkOfOnesOwnToADirectoryIsThatDirectory) {
  ASSERT_TRUE(*ensure("dir - - 0755 d"));
  ASSERT_TRUE(*ensure("zeros:3 - - 0600 z"));
  ASSERT_EQ(::symlink("d", (place_ + "/to-d").c_str()), 0);
  ASSERT_EQ(::symlink("z", (place_ + "/to-z").c_str()), 0);
  EXPECT_FALSE(*ensure("dir - - 0700 to-d", OnExisting::leave_alone));
  EXPECT_TRUE(*ensure("dir - - 0700 to-d"));
  EXPECT_EQ(mode_of("d"), 0700U);
  EXPECT_FALSE(*ensure("present - - 0644 to-z"));
  EXPECT_EQ(mode_of("z"), 0600U);
}

}  // namespace
}  // namespace reqmail::sys
