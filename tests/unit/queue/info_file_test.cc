// info/N: the sender and the birth time of a message, and the errors of damaged files.
#include "queue/info_file.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "tests/unit/support/crash_files.h"

namespace reqmail::queue {
namespace {

using namespace std::string_literals;
using reqmail::testing::CrashFiles;
using reqmail::testing::DiskState;

Result<InfoFile> read(const DiskState& disk) {
  CrashFiles files(disk);
  files.set_accessed(base::from_epoch(1'700'000'000));
  return read_info(files, mail::QueueLayout(23), mail::MessageId(145));
}

TEST(InfoFile, SenderAndBirth) {
  const auto info = read({{"info/7/145", "Fs@h\0"s}});
  ASSERT_TRUE(info);
  EXPECT_EQ(info->letter, 'F');
  EXPECT_EQ(info->sender, "s@h");
  EXPECT_EQ(info->birth, base::from_epoch(1'700'000'000));
  // This is the null sender.
  EXPECT_EQ(read({{"info/7/145", "F\0"s}})->sender, "");
}

TEST(InfoFile, TheFirstRecordCounts) {
  EXPECT_EQ(read({{"info/7/145", "Fs@h\0Fother\0"s}})->sender, "s@h");
  EXPECT_EQ(read({{"info/7/145", "Fs@h\0cut"s}})->sender, "s@h");
  // The caller decides what another letter means.
  EXPECT_EQ(read({{"info/7/145", "Xodd\0"s}})->letter, 'X');
}

TEST(InfoFile, WithoutAWholeRecordItIsDamaged) {
  for (const std::string& content : {""s, "Fs@h"s, "\0"s}) {
    const auto info = read({{"info/7/145", content}});
    ASSERT_FALSE(info) << content.size();
    EXPECT_EQ(info.error().text, "info/7/145 is damaged");
    EXPECT_EQ(info.error().error, EINVAL);
    EXPECT_EQ(info.error().permanence, Permanence::temporary);
  }
}

TEST(InfoFile, NoFile) {
  EXPECT_EQ(read({{"info/6/145", "Fs@h\0"s}}).error().error, ENOENT);
}

}  // namespace
}  // namespace reqmail::queue
