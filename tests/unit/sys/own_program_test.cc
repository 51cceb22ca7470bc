// The files that count as our own program.
#include "sys/own_program.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "sys/program_mark.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::sys {
namespace {

using testing::put_file;

constexpr auto kBytes = program_mark("some-program");

std::string mark() {
  return {kBytes.begin(), kBytes.end()};
}

class OwnProgramTest : public ::testing::Test {
 protected:
  void put(const std::string& text, mode_t mode = 0711) {
    (void)::unlink("program");
    put_file("program", text);
    ASSERT_EQ(::chmod("program", mode), 0);
  }

  const testing::TemporaryHome home_;
  OwnProgram program_{"program", mark()};
};

TEST_F(OwnProgramTest, TheMarkNamesProgramAndVersion) {
  EXPECT_EQ(mark().find("reqmail program some-program of version "), 0U);
  EXPECT_EQ(mark().back(), '\0');
}

TEST_F(OwnProgramTest, WhatHasTheMarkIsOurs) {
  EXPECT_FALSE(program_.is_there());
  put("head" + mark() + "tail");
  EXPECT_TRUE(program_.is_there());
  put("#!/bin/sh\n");
  EXPECT_FALSE(program_.is_there());
  put(mark());
  EXPECT_TRUE(program_.is_there());
  // This is another version, whose mark begins like ours.
  put(mark().substr(0, mark().size() - 1) + ".1");
  EXPECT_FALSE(program_.is_there());
}

TEST_F(OwnProgramTest, TheMarkMayBeAnywhereInALargeFile) {
  constexpr std::size_t kPiece = 16384;
  for (const std::size_t at : {kPiece - mark().size(), kPiece - mark().size() + 1, kPiece - 1,
                               kPiece, 3 * kPiece - 5}) {
    put(std::string(at, 'x') + mark() + std::string(100, 'x'));
    EXPECT_TRUE(program_.is_there()) << at;
    put(std::string(at, 'x') + mark().substr(1) + std::string(100, 'x'));
    EXPECT_FALSE(program_.is_there()) << at;
  }
}

TEST_F(OwnProgramTest, AChangeInPlaceIsSeen) {
  put("head" + mark());
  EXPECT_TRUE(program_.is_there());
  put_file("program", std::string(4 + mark().size(), 'x'));
  EXPECT_FALSE(program_.is_there());
}

TEST_F(OwnProgramTest, ModesThatMakeADifference) {
  for (const mode_t mode : {0710, 0644, 04711, 02711}) {
    put(mark(), mode);
    EXPECT_FALSE(program_.is_there()) << mode;
  }
  (void)::unlink("program");
  ASSERT_EQ(::mkdir("program", 0755), 0);
  EXPECT_FALSE(program_.is_there());
}

TEST_F(OwnProgramTest, ASetuidProgramMustBelongToItsAccount) {
  OwnProgram setuid("program", mark(), ::getuid());
  OwnProgram of_another("program", mark(), ::getuid() + 1);
  put(mark(), 04711);
  EXPECT_TRUE(setuid.is_there());
  EXPECT_EQ(setuid.version(), file_version("program"));
  EXPECT_FALSE(of_another.is_there());
  for (const mode_t mode : {0711, 06711, 02711, 04710}) {
    put(mark(), mode);
    EXPECT_FALSE(setuid.is_there()) << mode;
  }
}

TEST_F(OwnProgramTest, AFileThatCouldNotBeReadIsReadAgain) {
  put(mark());
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const bool found = program_.is_there();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_FALSE(found);
  EXPECT_TRUE(program_.is_there());
}

TEST_F(OwnProgramTest, AFileThatAnotherHasReadIsNotRead) {
  put("bytes without the mark");
  const auto version = file_version("program");
  ASSERT_TRUE(version);
  program_.believe(*version);
  EXPECT_TRUE(program_.is_there());
  EXPECT_EQ(program_.version(), version);
  // What counts beside its bytes still counts.
  ASSERT_EQ(::chmod("program", 0710), 0);
  EXPECT_FALSE(program_.is_there());
  put("bytes without the mark");
  EXPECT_FALSE(program_.is_there());
  put(mark());
  EXPECT_TRUE(program_.is_there());
}

TEST_F(OwnProgramTest, WithoutAMarkNoProgramIsOurs) {
  put(mark());
  OwnProgram unmarked("program", "");
  EXPECT_FALSE(unmarked.is_there());
  unmarked.believe(*file_version("program"));
  EXPECT_FALSE(unmarked.is_there());
}

}  // namespace
}  // namespace reqmail::sys
