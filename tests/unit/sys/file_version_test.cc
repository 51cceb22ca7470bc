// The changes that give a file another version.
#include "sys/file_version.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/support/temporary_home.h"

namespace reqmail::sys {
namespace {

using testing::put_file;

TEST(FileVersion, StaysWithTheFile) {
  const testing::TemporaryHome home;
  put_file("x", "text");
  const auto seen = file_version("x");
  ASSERT_TRUE(seen);
  EXPECT_EQ(file_version("x"), seen);
  struct ::stat status = {};
  ASSERT_EQ(::stat("x", &status), 0);
  EXPECT_EQ(version_of(status), *seen);
  EXPECT_EQ(seen->size, 4);
  // The function follows a link.
  ASSERT_EQ(::symlink("x", "link"), 0);
  EXPECT_EQ(file_version("link"), seen);
}

TEST(FileVersion, HasATextOfItsOwn) {
  const FileVersion version{1, 2, 3, 4, 5};
  EXPECT_EQ(to_text(version), "1 2 3 4 5 ");
  EXPECT_NE(to_text(FileVersion{1, 2, 3, 4, 6}), to_text(version));
}

TEST(FileVersion, ItsTextHasAllOfIt) {
  const FileVersion version{1, 2, 3, -4, 5'000'000'000};
  EXPECT_EQ(parse_file_version(to_text(version)), version);
  for (const char* text : {"", " ", "1 2 3 4 5", "1 2 3 4 ", "1 2 3 4 5 6 ", "1 2 3 4 5  ",
                           "01 2 3 4 5 ", "1 2 3 4 x ", "1  2 3 4 5 ", "-1 2 3 4 5 "}) {
    EXPECT_EQ(parse_file_version(text), std::nullopt) << text;
  }
}

TEST(FileVersion, AgeIsTheTimeSinceTheLastChange) {
  const FileVersion version{.modified = 9'000'000'000, .changed = 5'000'000'001};
  const PreciseTime now{base::from_epoch(7), 500};
  EXPECT_EQ(age(version, now), std::chrono::nanoseconds(2'000'499'999));
}

TEST(FileVersion, ChangesWithContentModeAndTimes) {
  const testing::TemporaryHome home;
  put_file("x", "text");
  const auto seen = file_version("x");
  ASSERT_EQ(::truncate("x", 3), 0);
  const auto shorter = file_version("x");
  EXPECT_NE(shorter, seen);
  // If the modification time is set back, the change time still shows that the file was
  // changed.
  const timespec times[2] = {{0, UTIME_OMIT}, {1'700'000'000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, "x", times, 0), 0);
  const auto dated = file_version("x");
  EXPECT_NE(dated, shorter);
  EXPECT_EQ(dated->modified, 1'700'000'000'000'000'000);
}

TEST(FileVersion, AnotherFileOfThatNameIsAnotherVersion) {
  const testing::TemporaryHome home;
  put_file("x", "text");
  put_file("y", "text");
  const auto seen = file_version("x");
  ASSERT_EQ(::rename("y", "x"), 0);
  EXPECT_NE(file_version("x"), seen);
}

TEST(FileVersion, NoFileHasNone) {
  const testing::TemporaryHome home;
  EXPECT_EQ(file_version("x"), std::nullopt);
}

}  // namespace
}  // namespace reqmail::sys
