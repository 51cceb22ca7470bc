#include "upgrade/disk.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>

#include "sys/file.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::upgrade {
namespace {

using tests::Scratch;

Access mine(mode_t mode) {
  return {::getuid(), ::getgid(), mode};
}

TEST(Disk, FilesAreWrittenWithTheirMode) {
  const Scratch home;
  home.put("a", "older");
  ASSERT_TRUE(write_file(home("a"), "text", mine(0640)));
  EXPECT_EQ(home.get("a"), "text");
  EXPECT_EQ(access_of(*sys::status(home("a"))).mode, 0640U);
  ASSERT_TRUE(set_access(home("a"), mine(0600)));
  EXPECT_EQ(access_of(*sys::status(home("a"))).mode, 0600U);
  EXPECT_EQ(set_access(home("none"), mine(0600)).error().error, ENOENT);
}

TEST(Disk, ACopyHasTheTimesOrTheNewAccess) {
  const Scratch home;
  home.put("a", "text");
  const struct ::timespec times[2] = {{1000000000, 0}, {1000000001, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, home("a").c_str(), times, 0), 0);
  ASSERT_TRUE(copy_file(home("a"), home("same"), std::nullopt));
  EXPECT_EQ(sys::status(home("same"))->st_mtime, 1000000001);
  ASSERT_TRUE(copy_file(home("a"), home("other"), mine(0711)));
  EXPECT_EQ(access_of(*sys::status(home("other"))).mode, 0711U);
}

TEST(Disk, AKeptFileIsTheSameInode) {
  const Scratch home;
  home.put("a", "text");
  home.put("kept", "in the way");
  std::filesystem::create_symlink("a", home("link"));
  ASSERT_TRUE(keep_file(home("a"), home("kept")));
  EXPECT_TRUE(survey::same_inode(home("a"), home("kept")));
  ASSERT_TRUE(keep_file(home("link"), home("kept-link")));
  EXPECT_TRUE(survey::same_inode(home("link"), home("kept-link")));
  ASSERT_TRUE(rename_file(home("kept"), home("renamed")));
  EXPECT_FALSE(home.has("kept"));
}

TEST(Disk, DirectoriesComeAndGo) {
  const Scratch home;
  ASSERT_TRUE(make_directories(home("a/b/c"), 0755));
  ASSERT_TRUE(make_directories(home("a/b/c"), 0755));
  home.put("a/b/c/file", "");
  EXPECT_FALSE(remove_directory(home("a/b/c")));
  home.put("file", "");
  EXPECT_FALSE(make_directory(home("file"), 0755));
  ASSERT_TRUE(remove_tree(home("a")));
  ASSERT_TRUE(remove_tree(home("a")));
  ASSERT_TRUE(remove_if_there(home("none/file")));
  EXPECT_FALSE(home.has("a"));
}

}  // namespace
}  // namespace reqmail::upgrade
