// Files with an owner and a mode of their own.
#include "sys/owned_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "sys/file.h"

namespace reqmail::sys {
namespace {

class OwnedFile : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(place_.data()), nullptr);
    ASSERT_TRUE(change_directory(place_));
    ::umask(0);
  }

  void TearDown() override {
    ::umask(022);
    (void)change_directory("/");
    (void)!std::system(("rm -rf " + place_).c_str());
  }

  std::string place_ = "/tmp/owned-test.XXXXXX";
  const Ownership mine_{::geteuid(), ::getegid(), 0640};
};

TEST_F(OwnedFile, TakesThePlaceOfAnother) {
  for (const char* content : {"first", "second"}) {
    ASSERT_TRUE(replace_owned_file("x", content, mine_));
    EXPECT_EQ(*read_file("x", 99), content);
    EXPECT_EQ(status("x")->st_mode & 07777, 0640U);
    EXPECT_FALSE(status("x.tmp"));
  }
}

TEST_F(OwnedFile, ALeftOverOrALinkInItsWayIsNotWrittenTo) {
  ASSERT_TRUE(replace_owned_file("other", "untouched", mine_));
  ASSERT_EQ(::symlink("other", "x.tmp"), 0);
  ASSERT_TRUE(replace_owned_file("x", "new", mine_));
  EXPECT_EQ(*read_file("other", 99), "untouched");
  EXPECT_FALSE(link_status("x.tmp"));
}

TEST_F(OwnedFile, FailureLeavesTheOldOne) {
  ASSERT_TRUE(make_owned_directory("x", {::geteuid(), ::getegid(), 0755}));
  ASSERT_TRUE(replace_owned_file("x/y", "inside", mine_));
  EXPECT_FALSE(replace_owned_file("x", "new", mine_));  // a directory has the name
  EXPECT_FALSE(link_status("x.tmp"));
  EXPECT_EQ(*read_file("x/y", 99), "inside");
  EXPECT_EQ(replace_owned_file("absent/x", "new", mine_).error().error, ENOENT);
}

TEST_F(OwnedFile, SecondNameNeverReplaces) {
  ASSERT_TRUE(replace_owned_file("x", "one", mine_));
  ASSERT_TRUE(link_file("x", "y"));
  EXPECT_EQ(link_file("x", "y").error().error, EEXIST);
  ASSERT_TRUE(replace_owned_file("x", "two", mine_));
  EXPECT_EQ(*read_file("y", 99), "one");
}

TEST_F(OwnedFile, WhatOthersMayRead) {
  if (::geteuid() != 0) {
    const auto answer = read_error_of({12345, 12345}, "x");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().error, EPERM);
    return;
  }
  ASSERT_TRUE(replace_owned_file("x", "one", {0, 12345, 0640}));
  EXPECT_EQ(*read_error_of({12346, 12345}, "x"), EACCES);  // only we may enter the directory
  ASSERT_EQ(::chmod(".", 0755), 0);
  EXPECT_EQ(*read_error_of({12346, 12345}, "x"), 0);
  EXPECT_EQ(*read_error_of({12346, 12346}, "x"), EACCES);
  EXPECT_EQ(*read_error_of({12346, 12345}, "absent"), ENOENT);
}

}  // namespace
}  // namespace reqmail::sys
