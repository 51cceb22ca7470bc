// A visit of another directory.
#include "sys/directory_visit.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "sys/file.h"
#include "sys/file_version.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::sys {
namespace {

ino_t current() {
  return status(".")->st_ino;
}

TEST(DirectoryVisit, EndsWithTheObject) {
  const tests::Scratch other;
  const ino_t before = current();
  {
    const auto visit = DirectoryVisit::begin(other(""));
    ASSERT_TRUE(visit);
    EXPECT_EQ(current(), status(other(""))->st_ino);
  }
  EXPECT_EQ(current(), before);
}

TEST(DirectoryVisit, ADirectoryThatIsNotThere) {
  const tests::Scratch other;
  const ino_t before = current();
  EXPECT_EQ(DirectoryVisit::begin(other("absent")).error().error, ENOENT);
  EXPECT_EQ(current(), before);
}

}  // namespace
}  // namespace reqmail::sys
