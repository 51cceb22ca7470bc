// Files and links of an installation that take the place of older ones.
#include "sys/replaced_entry.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>

#include "sys/descriptor_io.h"
#include "sys/file.h"
#include "sys/owned_entry.h"

namespace reqmail::sys {
namespace {

class ReplacedEntries : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(::mkdtemp(place_.data()), nullptr); }

  void TearDown() override { (void)!std::system(("rm -rf " + place_).c_str()); }

  [[nodiscard]] std::string path(const std::string& name) const { return place_ + "/" + name; }

  void write(const std::string& name, const std::string& content, mode_t mode = 0600) {
    const auto file = open_truncated(path(name), mode);
    ASSERT_TRUE(file && write_all(file->get(), content));
  }

  [[nodiscard]] std::string contents(const std::string& name) const {
    return read_file(path(name), 1 << 20).value_or("unreadable");
  }

  // Applies a row "TYPE UID GID MODE NAME".
  Result<bool> ensure(const std::string& row,
                      OnExisting on_existing = OnExisting::set_ownership) {
    auto entry = parse_owned_entry(row);
    entry->path.insert(0, "/");
    if (entry->kind == OwnedEntry::Kind::file) {
      entry->source.insert(0, place_ + "/");
    }
    return ensure_entry(place_, *entry, on_existing);
  }

  [[nodiscard]] std::string target(const std::string& name) const {
    std::string found(PATH_MAX, '\0');
    const ssize_t length = ::readlink(path(name).c_str(), found.data(), found.size());
    return length < 0 ? "none" : found.substr(0, static_cast<std::size_t>(length));
  }

  std::string place_ = "/tmp/entry-test.XXXXXX";
};

TEST_F(ReplacedEntries, AFileIsCopiedWithItsMode) {
  const std::string content(200'000, 'x');
  write("source", content);
  EXPECT_TRUE(*ensure("file:source - - 4711 program"));
  EXPECT_EQ(contents("program"), content);
  EXPECT_EQ(link_status(path("program"))->st_mode & 07777, 04711U);
  EXPECT_FALSE(link_status(path(".program.new")));
}

TEST_F(ReplacedEntries, TheGroupIsThatOfASetgidDirectoryOrTheOneAskedFor) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "needs root";
  }
  constexpr gid_t kBuilders = 12345;
  constexpr gid_t kOther = 12346;
  ASSERT_EQ(::chown(place_.c_str(), 0, kBuilders), 0);
  ASSERT_EQ(::chmod(place_.c_str(), 02755), 0);
  write("source", "new");
  EXPECT_TRUE(*ensure("file:source - - 0755 program"));
  EXPECT_EQ(link_status(path("program"))->st_gid, kBuilders);
  EXPECT_TRUE(*ensure("dir - - 0755 d"));
  EXPECT_EQ(link_status(path("d"))->st_gid, kBuilders);
  EXPECT_TRUE(*ensure("file:source - 12346 2755 program"));
  EXPECT_EQ(link_status(path("program"))->st_gid, kOther);
  EXPECT_EQ(link_status(path("program"))->st_mode & 07777, 02755U);
}

TEST_F(ReplacedEntries, WhoHasTheOldFileKeepsIt) {
  write("program", "old");
  write("source", "new");
  const auto old = open_read(path("program"));
  EXPECT_TRUE(*ensure("file:source - - 0755 program"));
  char buffer[8];
  EXPECT_EQ(*read_some(old->get(), buffer, sizeof buffer), 3U);
  EXPECT_EQ(std::string(buffer, 3), "old");
  EXPECT_EQ(contents("program"), "new");
}

TEST_F(ReplacedEntries, WhatAnotherRunLeftDoesNotMatter) {
  write("source", "new");
  write(".program.new", "half of somet", 04777);
  EXPECT_TRUE(*ensure("file:source - - 0600 program"));
  EXPECT_EQ(contents("program"), "new");
  ASSERT_EQ(::symlink("source", path(".program.new").c_str()), 0);
  write("source", "newer");
  EXPECT_TRUE(*ensure("file:source - - 0600 program"));
  EXPECT_EQ(contents("program"), "newer");
}

TEST_F(ReplacedEntries, AFailureLeavesTheOldFileAndNothingElse) {
  write("program", "old");
  EXPECT_EQ(ensure("file:absent - - 0755 program").error().error, ENOENT);
  // A directory can be opened, but not read.
  EXPECT_EQ(ensure("file:. - - 0755 program").error().error, EISDIR);
  EXPECT_EQ(contents("program"), "old");
  EXPECT_FALSE(link_status(path(".program.new")));
}

TEST_F(ReplacedEntries, ALinkIsReplacedAndNotFollowed) {
  write("aim", "untouched");
  write("source", "new");
  ASSERT_EQ(::symlink("aim", path("program").c_str()), 0);
  EXPECT_TRUE(*ensure("file:source - - 0755 program"));
  EXPECT_EQ(contents("aim"), "untouched");
  EXPECT_EQ(contents("program"), "new");
}

TEST_F(ReplacedEntries, ADirectoryStays) {
  write("source", "new");
  ASSERT_TRUE(*ensure("dir - - 0755 d"));
  EXPECT_EQ(ensure("file:source - - 0755 d").error().error, EEXIST);
  EXPECT_EQ(ensure("link:source - - 0777 d").error().error, EEXIST);
}

TEST_F(ReplacedEntries, ALinkIsMadeOnceAndThenOnlyReplaced) {
  EXPECT_TRUE(*ensure("link:a/b - - 0777 link"));
  EXPECT_FALSE(*ensure("link:a/b - - 0777 link"));
  EXPECT_EQ(target("link"), "a/b");
  write(".link.new", "left over");
  EXPECT_TRUE(*ensure("link:/c - - 0777 link"));
  EXPECT_EQ(target("link"), "/c");
  EXPECT_FALSE(link_status(path(".link.new")));
}

TEST_F(ReplacedEntries, AFileInThePlaceOfALinkStays) {
  write("name", "a site's own");
  EXPECT_EQ(ensure("link:/c - - 0777 name").error().error, EEXIST);
  EXPECT_EQ(contents("name"), "a site's own");
}

TEST_F(ReplacedEntries, MissingOnesOnlyIfThatIsAsked) {
  write("program", "old");
  write("source", "new");
  EXPECT_FALSE(*ensure("file:source - - 0755 program", OnExisting::leave_alone));
  EXPECT_TRUE(*ensure("file:source - - 0755 other", OnExisting::leave_alone));
  EXPECT_EQ(contents("program"), "old");
  EXPECT_EQ(contents("other"), "new");
}

}  // namespace
}  // namespace reqmail::sys
