// Root's work in directories that others can write, without paths.
#include "sys/held_directory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "sys/file.h"

namespace reqmail::sys {
namespace {

class HeldDirectories : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(place_.data()), nullptr);
    ASSERT_TRUE(change_directory(place_));
    ::umask(0);
    ASSERT_EQ(::mkdir("theirs", 0755), 0);
    ASSERT_EQ(::mkdir("outside", 0755), 0);
    std::fclose(std::fopen("outside/secret", "w"));
    ASSERT_EQ(::chmod("outside/secret", 0600), 0);
    auto held = HeldDirectory::open(place_ + "/theirs");
    ASSERT_TRUE(held);
    theirs_ = std::make_unique<HeldDirectory>(std::move(*held));
  }

  void TearDown() override {
    ::umask(022);
    (void)change_directory("/");
    (void)!std::system(("rm -rf " + place_).c_str());
  }

  mode_t mode_of(const char* path) { return link_status(path)->st_mode & 07777; }

  std::string place_ = "/tmp/held-test.XXXXXX";
  const Ownership mine_{::geteuid(), ::getegid(), 0750};
  std::unique_ptr<HeldDirectory> theirs_;
};

TEST_F(HeldDirectories, LinksInDirectoriesThatOthersWriteAreNotFollowed) {
  ASSERT_EQ(::symlink("../outside", "theirs/door"), 0);
  ASSERT_EQ(::chmod("theirs", 0777), 0);
  EXPECT_EQ(HeldDirectory::open(place_ + "/theirs/door").error().error, ELOOP);
  EXPECT_FALSE(theirs_->enter("door"));
  if (::geteuid() == 0) {
    ASSERT_EQ(::chmod("theirs", 0755), 0);
    const auto through = HeldDirectory::open(place_ + "/theirs/door");
    ASSERT_TRUE(through);
    EXPECT_TRUE(through->open_file("secret"));
    // The directory belongs to another account, so that the link could be theirs too.
    ASSERT_EQ(::chown("theirs", 65534, 0), 0);
    EXPECT_EQ(HeldDirectory::open(place_ + "/theirs/door").error().error, ELOOP);
  }
}

TEST_F(HeldDirectories, LinksThatNeverEndAreRefused) {
  ASSERT_EQ(::symlink("two", "theirs/one"), 0);
  ASSERT_EQ(::symlink("one", "theirs/two"), 0);
  EXPECT_EQ(HeldDirectory::open(place_ + "/theirs/one").error().error, ELOOP);
}

TEST_F(HeldDirectories, NamesArePartsOfNoPath) {
  for (const char* name : {"", ".", "..", "a/b", "/etc"}) {
    EXPECT_EQ(theirs_->enter(name).error().error, EINVAL) << name;
    EXPECT_EQ(theirs_->make_directory(name, mine_).error().error, EINVAL) << name;
    EXPECT_EQ(theirs_->remove_tree(name).error().error, EINVAL) << name;
    EXPECT_EQ(theirs_->create_file(name, 0600).error().error, EINVAL) << name;
    EXPECT_EQ(theirs_->make_fifo(name).error().error, EINVAL) << name;
  }
}

TEST_F(HeldDirectories, NothingIsMadeOrChangedThroughALink) {
  ASSERT_EQ(::symlink("../outside/made", "theirs/dangling"), 0);
  ASSERT_EQ(::symlink("../outside/secret", "theirs/leads"), 0);
  EXPECT_EQ(theirs_->create_file("dangling", 0600).error().error, EEXIST);
  EXPECT_EQ(theirs_->make_directory("dangling", mine_).error().error, EEXIST);
  EXPECT_EQ(theirs_->make_fifo("dangling").error().error, EEXIST);
  EXPECT_FALSE(theirs_->set_ownership("leads", mine_));
  EXPECT_FALSE(theirs_->open_file("leads"));
  EXPECT_EQ(mode_of("outside/secret"), 0600U);
  EXPECT_FALSE(link_status("outside/made"));
}

TEST_F(HeldDirectories, OnlyAFifoIsWrittenTo) {
  ASSERT_EQ(::symlink("../outside/secret", "theirs/leads"), 0);
  EXPECT_EQ(theirs_->open_fifo("leads").error().error, ELOOP);
  ASSERT_TRUE(theirs_->create_file("file", 0600));
  EXPECT_EQ(theirs_->open_fifo("file").error().error, EINVAL);
  ASSERT_TRUE(theirs_->make_fifo("fifo"));
  EXPECT_EQ(theirs_->open_fifo("fifo").error().error, ENXIO);
  const auto reader = open_read_nonblocking(place_ + "/theirs/fifo");
  ASSERT_TRUE(reader);
  EXPECT_TRUE(theirs_->open_fifo("fifo"));
}

TEST_F(HeldDirectories, AFileWithOtherNamesKeepsItsOwner) {
  ASSERT_EQ(::link("outside/secret", "theirs/name"), 0);
  EXPECT_EQ(theirs_->set_ownership("name", mine_).error().error, EMLINK);
  EXPECT_EQ(mode_of("outside/secret"), 0600U);
}

TEST_F(HeldDirectories, OwnershipSaysWhetherAnythingChanged) {
  ASSERT_TRUE(theirs_->make_directory("d", mine_));
  EXPECT_EQ(mode_of("theirs/d"), 0750U);
  EXPECT_FALSE(*theirs_->set_ownership("d", mine_));
  EXPECT_TRUE(*theirs_->set_ownership("d", {mine_.uid, mine_.gid, 0700}));
  ASSERT_TRUE(theirs_->make_fifo("f"));
  EXPECT_TRUE(*theirs_->set_ownership("f", {mine_.uid, mine_.gid, 0622}));
  EXPECT_EQ(mode_of("theirs/f"), 0622U);
  EXPECT_EQ(theirs_->set_ownership("absent", mine_).error().error, ENOENT);
}

TEST_F(HeldDirectories, ATreeGoesWithoutWhatItsLinksLeadTo) {
  ASSERT_EQ(::mkdir("theirs/tree", 0755), 0);
  ASSERT_EQ(::mkdir("theirs/tree/sub", 0755), 0);
  ASSERT_EQ(::symlink("../../../outside", "theirs/tree/sub/door"), 0);
  ASSERT_TRUE(theirs_->create_file("plain", 0600));
  ASSERT_TRUE(theirs_->remove_tree("tree"));
  ASSERT_TRUE(theirs_->remove_tree("plain"));
  EXPECT_TRUE(theirs_->remove_tree("absent"));
  EXPECT_TRUE(theirs_->names()->empty());
  EXPECT_TRUE(link_status("outside/secret"));
}

TEST_F(HeldDirectories, OpensRegularFilesAlone) {
  ASSERT_TRUE(theirs_->make_fifo("fifo"));
  ASSERT_TRUE(theirs_->make_directory("directory", mine_));
  EXPECT_EQ(theirs_->open_file("fifo").error().error, EINVAL);
  EXPECT_EQ(theirs_->open_file("directory").error().error, EINVAL);
}

TEST_F(HeldDirectories, NamesMove) {
  const auto outside = HeldDirectory::open(place_ + "/outside");
  ASSERT_TRUE(outside);
  ASSERT_TRUE(theirs_->create_file("a", 0600));
  ASSERT_TRUE(theirs_->link("a", *outside, "b"));
  EXPECT_EQ(theirs_->link("a", *outside, "secret").error().error, EEXIST);
  ASSERT_TRUE(theirs_->rename("a", *outside, "c"));
  auto names = *outside->names();
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"b", "c", "secret"}));
  EXPECT_TRUE(outside->sync());
  ASSERT_TRUE(outside->remove_file("b"));
  EXPECT_TRUE(outside->status("c")->has_value());
}

TEST_F(HeldDirectories, PlacesHaveADirectoryAndAName) {
  const auto place = held_place(place_ + "/theirs/absent");
  ASSERT_TRUE(place);
  EXPECT_EQ(place->name, "absent");
  EXPECT_FALSE(*place->directory.status(place->name));
  EXPECT_EQ(held_place("relative").error().error, EINVAL);
  EXPECT_EQ(held_place(place_ + "/").error().error, EINVAL);
}

}  // namespace
}  // namespace reqmail::sys
