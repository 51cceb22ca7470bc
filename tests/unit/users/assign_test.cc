// Lines of users/assign.
#include "users/assign.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>

#include "sys/fd.h"
#include "sys/file.h"
#include "users/user_lookup.h"

namespace reqmail::users {
namespace {

using namespace std::string_literals;

TEST(ParseAssignment, Simple) {
  const auto record = parse_assignment("=Joe.S:Joe:503:78:/Home/Joe:-:Ext:");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->key, "!joe.s\0"s);
  EXPECT_EQ(record->value, "Joe\000503\00078\0/Home/Joe\0-\0Ext"s);
  EXPECT_FALSE(record->wildcard_end);
}

TEST(ParseAssignment, Wildcard) {
  const auto record = parse_assignment("+JOE-:joe:503:78:/home/joe:-:pre-:rest: is: not read");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->key, "!joe-");
  EXPECT_EQ(record->value, "joe\000503\00078\0/home/joe\0-\0pre-"s);
  EXPECT_EQ(record->wildcard_end, '-');
  // Look-ups use lower case, so the last byte must be recorded in lower case.
  EXPECT_EQ(parse_assignment("+JOE:joe:503:78:/home/joe:-::")->wildcard_end, 'e');
}

TEST(ParseAssignment, CatchAllHasNoEnd) {
  const auto record = parse_assignment("+:alias:1:1:/:-::");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->key, "!");
  EXPECT_FALSE(record->wildcard_end);
}

TEST(ParseAssignment, Malformed) {
  for (const std::string& line :
       {""s, "="s, "=a"s, ":a:u:1:1:/:::"s, "=a:u:1:1:/:-:pre"s, "=a:::::"s, "# comment"s,
        "=a\0:u:1:1:/:::"s, "=a:u:1:1:/\0:::"s, " "s}) {
    EXPECT_FALSE(parse_assignment(line)) << line;
  }
}

class CompileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char in[] = "/tmp/assign-test-XXXXXX";
    char out[] = "/tmp/assign-test-XXXXXX";
    in_ = sys::Fd(::mkstemp(in));
    out_ = sys::Fd(::mkstemp(out));
    ASSERT_TRUE(in_.valid() && out_.valid());
    in_path_ = in;
    out_path_ = out;
  }

  void TearDown() override {
    (void)::unlink(in_path_.c_str());
    (void)::unlink(out_path_.c_str());
  }

  CompileTrouble compile(const std::string& text) {
    EXPECT_TRUE(sys::write_all(in_.get(), text));
    EXPECT_EQ(::lseek(in_.get(), 0, SEEK_SET), 0);
    auto writer = sys::CdbWriter::start(out_.get());
    EXPECT_TRUE(writer);
    sys::Reader input(in_.get());
    return compile_assignments(input, *writer);
  }

  sys::Fd in_;
  sys::Fd out_;
  std::string in_path_;
  std::string out_path_;
};

TEST_F(CompileTest, WhatIsAssignedIsFound) {
  ASSERT_EQ(compile("=a:one:1:1:/:::\n+b-:two:2:2:/:-:x-:\n+c-:three:3:3:/:-::\n.\nnot read"),
            CompileTrouble::none);
  EXPECT_EQ(**Assignments(out_path_).find("A"), "one\0001\0001\0/\0\0\0"s);
  EXPECT_EQ(**Assignments(out_path_).find("b-Y"), "two\0002\0002\0/\0-\0x-Y\0"s);
  EXPECT_EQ(**Assignments(out_path_).find("c-"), "three\0003\0003\0/\0-\0\0"s);
  EXPECT_FALSE(Assignments(out_path_).find("d")->has_value());
  auto cdb = sys::CdbReader::open(out_path_);
  ASSERT_TRUE(cdb);
  EXPECT_EQ(**cdb->find(""), "-");
}

TEST_F(CompileTest, TheDotNeedsNoLineEnd) {
  EXPECT_EQ(compile("=a:one:1:1:/:::\n."), CompileTrouble::none);
}

TEST_F(CompileTest, WithoutTheDotNothingCounts) {
  EXPECT_EQ(compile("=a:one:1:1:/:::\n"), CompileTrouble::bad_format);
}

TEST_F(CompileTest, LastLineCutShort) {
  EXPECT_EQ(compile("=a:one:1:1:/:::"), CompileTrouble::bad_format);
}

TEST_F(CompileTest, LineOfAnAbsurdLength) {
  EXPECT_EQ(compile("=" + std::string(3 << 20, 'a') + ":one:1:1:/:::\n.\n"),
            CompileTrouble::bad_format);
}

TEST_F(CompileTest, UnreadableInput) {
  auto writer = sys::CdbWriter::start(out_.get());
  ASSERT_TRUE(writer);
  auto directory = sys::open_directory("/tmp");
  ASSERT_TRUE(directory);
  sys::Reader input(directory->get());
  EXPECT_EQ(compile_assignments(input, *writer), CompileTrouble::unreadable);
}

TEST_F(CompileTest, UnwritableOutput) {
  auto read_only = sys::open_read("/dev/full");
  auto full = sys::open_write("/dev/full");
  ASSERT_TRUE(full);
  auto writer = sys::CdbWriter::start(full->get());
  if (!writer) {
    return;  // the error was reported even sooner
  }
  EXPECT_TRUE(sys::write_all(in_.get(), "=a:one:1:1:/:::\n.\n"));
  EXPECT_EQ(::lseek(in_.get(), 0, SEEK_SET), 0);
  sys::Reader input(in_.get());
  EXPECT_EQ(compile_assignments(input, *writer), CompileTrouble::unwritable);
}

}  // namespace
}  // namespace reqmail::users
