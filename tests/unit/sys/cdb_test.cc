// Constant databases: what a reader finds, and errors in damaged files.
#include "sys/cdb.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "sys/file.h"

namespace reqmail::sys {
namespace {

class Cdb : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/cdb-test-XXXXXX";
    const int fd = ::mkstemp(name);
    ASSERT_GE(fd, 0);
    path_ = name;
    const Fd file(fd);
    auto writer = CdbWriter::start(fd);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->add("one", "first"));
    ASSERT_TRUE(writer->add("one", "second"));
    ASSERT_TRUE(writer->add("", "empty key"));
    ASSERT_TRUE(writer->add("empty value", ""));
    ASSERT_TRUE(writer->add(std::string("n\0l", 3), std::string("v\0w", 3)));
    ASSERT_TRUE(writer->finish());
  }

  void TearDown() override { (void)::unlink(path_.c_str()); }

  std::string path_;
};

TEST_F(Cdb, FindsTheFirstValueOfAKey) {
  auto reader = CdbReader::open(path_);
  ASSERT_TRUE(reader);
  EXPECT_EQ(**reader->find("one"), "first");
  EXPECT_EQ(**reader->find(""), "empty key");
  EXPECT_EQ(**reader->find("empty value"), "");
  EXPECT_EQ(**reader->find(std::string_view("n\0l", 3)), std::string("v\0w", 3));
  EXPECT_FALSE(reader->find("two")->has_value());
  EXPECT_FALSE(reader->find("n")->has_value());
}

// libcdb, with which the file was written, changes the offset when it reads; the reader must
// not.
TEST_F(Cdb, ProcessesThatShareAReaderDoNotDisturbEachOther) {
  auto reader = CdbReader::open(path_);
  ASSERT_TRUE(reader);
  constexpr int kChildren = 4;
  constexpr int kLookups = 2000;
  std::vector<pid_t> children;
  for (int i = 0; i < kChildren; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      bool good = true;
      for (int look = 0; look < kLookups && good; ++look) {
        const auto found = reader->find(i % 2 == 0 ? "one" : "");
        good = found && *found && **found == (i % 2 == 0 ? "first" : "empty key");
      }
      ::_exit(good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
}

TEST_F(Cdb, FindsEachOfManyKeys) {
  const Fd file(::open(path_.c_str(), O_RDWR | O_TRUNC));
  auto writer = CdbWriter::start(file.get());
  ASSERT_TRUE(writer);
  for (int i = 0; i < 5000; ++i) {
    ASSERT_TRUE(writer->add("key" + std::to_string(i), std::to_string(i * 7)));
  }
  ASSERT_TRUE(writer->finish());
  const auto reader = CdbReader::open(path_);
  ASSERT_TRUE(reader);
  for (int i = 0; i < 5000; ++i) {
    ASSERT_EQ(**reader->find("key" + std::to_string(i)), std::to_string(i * 7));
    ASSERT_FALSE(reader->find("none" + std::to_string(i))->has_value());
  }
}

TEST_F(Cdb, MissingFileSaysSo) {
  auto reader = CdbReader::open(path_ + ".none");
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().error, ENOENT);
}

TEST_F(Cdb, ShortFileAndDirectoryAreNoDatabases) {
  ASSERT_EQ(::truncate(path_.c_str(), 2047), 0);
  EXPECT_FALSE(CdbReader::open(path_));
  EXPECT_FALSE(CdbReader::open("/tmp"));
}

TEST_F(Cdb, FileCutShortWhileOpenIsAnError) {
  auto reader = CdbReader::open(path_);
  ASSERT_TRUE(reader);
  ASSERT_EQ(::truncate(path_.c_str(), 2050), 0);
  auto found = reader->find("one");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().permanence, Permanence::temporary);
}

TEST_F(Cdb, ValueLongerThanTheFileIsAnError) {
  auto content = read_file(path_, 1 << 20);
  ASSERT_TRUE(content);
  std::string damaged = *content;
  damaged[2048 + 4 + 3] = '\x7f';  // the top byte of the length of the first value
  auto file = open_truncated(path_, 0600);
  ASSERT_TRUE(file);
  ASSERT_EQ(::write(file->get(), damaged.data(), damaged.size()),
            static_cast<ssize_t>(damaged.size()));
  auto reader = CdbReader::open(path_);
  ASSERT_TRUE(reader);
  EXPECT_FALSE(reader->find("one"));
  EXPECT_TRUE(reader->find("empty value"));
}

}  // namespace
}  // namespace reqmail::sys
