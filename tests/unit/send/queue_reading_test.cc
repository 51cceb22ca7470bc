// How qmail-send reads the queue: records in parts, files of an earlier qmail-send, and the
// messages that are there at the start.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "queue/posix_files.h"
#include "send/files.h"
#include "send/queue_scan.h"
#include "send/record_reader.h"
#include "send/scan.h"
#include "tests/unit/support/crash_files.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::send {
namespace {

using namespace std::string_literals;
using reqmail::testing::content_of;
using reqmail::testing::CrashFiles;
using reqmail::testing::DiskState;
using reqmail::testing::put_file;
using reqmail::testing::TemporaryHome;
using scheduler::Channel;

const mail::QueueLayout kLayout(2);
const mail::MessageId kId(7);
const base::Time kNow = base::from_epoch(1'700'000'000);

// --- RecordReader ---

TEST(RecordReader, PartsAreWholeRecordsWithTheirOffsets) {
  const std::string content = "Tone@x\0Ttwo@x\0Tthree@x\0Tf\0"s;
  for (const std::size_t chunk : {1U, 3U, 8U, 15U, 100U}) {
    CrashFiles files(DiskState{{"f", content}});
    RecordReader reader(std::move(*files.open_read("f")), chunk);
    std::string all;
    for (;;) {
      const auto part = reader.next();
      ASSERT_TRUE(part);
      EXPECT_EQ(part->offset, all.size());
      EXPECT_TRUE(part->records.empty() || part->records.back() == '\0') << chunk;
      all += part->records;
      if (part->last) {
        break;
      }
      EXPECT_FALSE(part->records.empty()) << chunk;
    }
    EXPECT_EQ(all, content) << chunk;
  }
}

TEST(RecordReader, OnlyTheLastPartEndsInARecord) {
  CrashFiles files(DiskState{{"f", "Tone@x\0Tcut"s}});
  RecordReader reader(std::move(*files.open_read("f")), 8);
  EXPECT_EQ(reader.next()->records, "Tone@x\0"s);
  const auto part = reader.next();
  EXPECT_EQ(part->records, "Tcut");
  EXPECT_TRUE(part->last);
}

TEST(RecordReader, AnEmptyFileIsOneEmptyPart) {
  CrashFiles files(DiskState{{"f", ""}});
  RecordReader reader(std::move(*files.open_read("f")));
  const auto part = reader.next();
  ASSERT_TRUE(part);
  EXPECT_TRUE(part->last && part->records.empty());
}

TEST(RecordReader, ARecordMayBeLongButNotEndless) {
  for (const auto& [size, fits] : {std::pair(kRecordMax - 1, true), {2 * kRecordMax, false}}) {
    CrashFiles files(DiskState{{"f", "T" + std::string(size - 1, 'x') + "\0Tb\0"s}});
    RecordReader reader(std::move(*files.open_read("f")), kRecordChunk);
    const auto part = reader.next();
    EXPECT_EQ(part.has_value(), fits);
    if (!fits) {
      EXPECT_EQ(part.error().error, EMSGSIZE);
    }
  }
}

// --- RecipientComparer ---

scheduler::TodoCompared compare(const DiskState& disk, const std::string& local,
                                const std::string& remote) {
  CrashFiles files(disk);
  RecipientComparer comparer(files, kLayout, kId);
  return comparer.compare({kId, {{local, remote}}});
}

const DiskState kBoth = {{"local/1/7", "Da@me\0"s}, {"remote/1/7", "Tb@x\0Dc@x\0"s}};

TEST(RecipientComparer, MarksDoNotMatter) {
  const auto compared = compare(kBoth, "Ta@me\0"s, "Tb@x\0Tc@x\0"s);
  EXPECT_TRUE(compared.same);
  EXPECT_TRUE(compared.done[Channel::local]);
  EXPECT_FALSE(compared.done[Channel::remote]);
}

TEST(RecipientComparer, EveryDifferenceIsSeen) {
  EXPECT_FALSE(compare(kBoth, "Ta@me\0"s, "Tb@x\0"s).same);                 // one record more
  EXPECT_FALSE(compare(kBoth, "Ta@me\0"s, "Tb@x\0Tc@x\0Td\0"s).same);       // one record less
  EXPECT_FALSE(compare(kBoth, "Ta@me\0"s, "Tc@x\0Tb@x\0"s).same);           // another order
  EXPECT_FALSE(compare(kBoth, "Ta@mf\0"s, "Tb@x\0Tc@x\0"s).same);           // another name
  EXPECT_FALSE(compare(kBoth, "", "Tb@x\0Tc@x\0"s).same);                   // one file more
  EXPECT_FALSE(compare({}, "Ta@me\0"s, "").same);                           // one file less
  EXPECT_FALSE(compare({{"local/1/7", "Xa@me\0"s}}, "Ta@me\0"s, "").same);  // no mark
  EXPECT_TRUE(compare({}, "", "").same);
}

TEST(RecipientComparer, PartsContinueOneAnother) {
  CrashFiles files(kBoth);
  RecipientComparer comparer(files, kLayout, kId);
  EXPECT_TRUE(comparer.compare({kId, {{"", "Tb@x\0"s}}, true, false}).same);
  EXPECT_TRUE(comparer.compare({kId, {{"Ta@me\0"s, "Tc@x\0"s}}, false, true}).same);
  RecipientComparer other(files, kLayout, kId);
  EXPECT_FALSE(other.compare({kId, {{"", "Tx@x\0"s}}, true, false}).same);
  // Once a difference was found, the result stays the same.
  EXPECT_FALSE(other.compare({kId, {{"Ta@me\0"s, "Tc@x\0"s}}, false, true}).same);
}

// --- Files of an earlier qmail-send ---

class QueueOnDisk : public ::testing::Test {
 protected:
  QueueOnDisk() {
    for (const auto* name :
         {"mess", "info", "local", "remote", "todo", "intd", "bounce", "pid", "lock"}) {
      ::mkdir(name, 0700);
      for (const auto* below : {"/0", "/1"}) {
        ::mkdir((std::string(name) + below).c_str(), 0700);
      }
    }
  }

  void put(const std::string& path, const std::string& content, base::Time time = kNow) {
    put_file(path, content);
    ASSERT_TRUE(files_.set_times(path, time));
  }

  TemporaryHome home_;
  queue::PosixFiles files_;
};

TEST_F(QueueOnDisk, TheSenderOfAMessage) {
  put("info/1/7", "Fs@h\0"s, kNow - base::Seconds(5));
  const auto info = read_sender(files_, kLayout, kId);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->sender, "s@h");
  EXPECT_EQ(info->birth, kNow - base::Seconds(5));
  put("info/1/7", "Xs@h\0"s);
  EXPECT_EQ(read_sender(files_, kLayout, kId).error().text, "info/1/7 is damaged");
  put("info/1/7", "Fs@h");
  EXPECT_EQ(read_sender(files_, kLayout, kId).error().error, EINVAL);
  EXPECT_EQ(read_sender(files_, kLayout, mail::MessageId(9)).error().error, ENOENT);
}

TEST_F(QueueOnDisk, LeftoversAreThoseOfThisMessageIfNoneIsOlder) {
  put("todo/7", "Fs@h\0"s, kNow);
  put("info/1/7", "Fs@h\0"s, kNow + base::Seconds(1));
  put("remote/1/7", "Tb@x\0"s, kNow + base::Seconds(400));
  auto leftovers = read_leftovers(files_, kLayout, kId);
  EXPECT_EQ(leftovers.info, "Fs@h\0"s);
  EXPECT_EQ(leftovers.birth, kNow + base::Seconds(1));
  EXPECT_EQ(leftovers.next_try[Channel::remote], kNow + base::Seconds(400));
  EXPECT_EQ(leftovers.next_try[Channel::local], base::Time{});
  EXPECT_TRUE(leftovers.younger_than_todo);
  put("remote/1/7", "Tb@x\0"s, kNow - base::Seconds(1));
  EXPECT_FALSE(read_leftovers(files_, kLayout, kId).younger_than_todo);
}

TEST_F(QueueOnDisk, NoLeftovers) {
  put("todo/7", "Fs@h\0"s);
  const auto leftovers = read_leftovers(files_, kLayout, kId);
  EXPECT_FALSE(leftovers.info);
  EXPECT_TRUE(leftovers.younger_than_todo);
}

TEST_F(QueueOnDisk, OnlyOtherDirectoriesAreForeign) {
  EXPECT_TRUE(foreign_directories(files_).empty());
  ::mkdir("suppl0", 0700);
  EXPECT_EQ(foreign_directories(files_), std::vector<std::string>{"suppl0"});
}

std::optional<scheduler::MessageFound> found(const std::optional<scheduler::Event>& event) {
  const auto* message = event ? std::get_if<scheduler::MessageFound>(&*event) : nullptr;
  return message != nullptr ? std::optional(*message) : std::nullopt;
}

TEST_F(QueueOnDisk, AMessageSaysWhenToTryNext) {
  EXPECT_FALSE(examine_message(files_, kLayout, kId, kNow, {}));
  put("info/1/7", "Fs@h\0"s, kNow - base::Seconds(5));
  put("local/1/7", "Ta@me\0"s, kNow + base::Seconds(20));
  const auto soon = found(examine_message(files_, kLayout, kId, kNow, {}));
  ASSERT_TRUE(soon);
  EXPECT_EQ(soon->next_try[Channel::local], kNow + base::Seconds(20));
  EXPECT_FALSE(soon->next_try[Channel::remote]);
  EXPECT_FALSE(soon->birth);
  put("remote/1/7", "Tb@x\0"s, kNow + scheduler::kFarAhead + base::Seconds(1));
  EXPECT_EQ(found(examine_message(files_, kLayout, kId, kNow, {}))->birth,
            kNow - base::Seconds(5));
}

TEST_F(QueueOnDisk, AMessageWithAFileOfAnotherQmail) {
  ::mkdir("suppl0", 0700);
  ::mkdir("suppl0/1", 0700);
  put("info/1/7", "Fs@h\0"s);
  put("suppl0/1/7", "Tz@x\0"s);
  const auto event = examine_message(files_, kLayout, kId, kNow, {"suppl0"});
  ASSERT_TRUE(event && std::holds_alternative<scheduler::MessageStranded>(*event));
  EXPECT_EQ(std::get<scheduler::MessageStranded>(*event).file, "suppl0/1/7");
  put("local/1/7", "Ta@me\0"s);
  EXPECT_EQ(found(examine_message(files_, kLayout, kId, kNow, {"suppl0"}))->foreign,
            "suppl0/1/7");
}

TEST_F(QueueOnDisk, FilesMadeAnewAreTheSame) {
  const base::Time birth = kNow - base::Seconds(5);
  put("info/1/7", "Fs@h\0"s, birth);
  put("remote/1/7", "Db@x\0Tc@x\0"s, kNow);
  const std::uint64_t before = files_.status("remote/1/7")->inode;
  EXPECT_TRUE(rewrite_todo_result(files_, kLayout, kId, {{false, true}}));
  EXPECT_EQ(content_of("remote/1/7"), "Db@x\0Tc@x\0"s);
  EXPECT_EQ(files_.status("remote/1/7")->modified, kNow);
  EXPECT_EQ(files_.status("info/1/7")->modified, birth);
  EXPECT_NE(files_.status("remote/1/7")->inode, before);
  EXPECT_EQ(content_of("remote/1/7.new"), "<none>");
}

TEST_F(QueueOnDisk, AnInterruptedRewriteIsFinished) {
  put("info/1/7", "Fs@h\0"s);
  put("local/1/7.new", "Ta@me\0"s);
  EXPECT_TRUE(rewrite_todo_result(files_, kLayout, kId, {{true, false}}));
  EXPECT_EQ(content_of("local/1/7"), "Ta@me\0"s);
  EXPECT_EQ(content_of("local/1/7.new"), "<none>");
  // Neither the file nor a copy of it exists.
  EXPECT_FALSE(rewrite_todo_result(files_, kLayout, kId, {{true, true}}));
}

// --- QueueWalk, QueueScan ---

TEST_F(QueueOnDisk, AWalkSeesEachNumberOnce) {
  for (const auto* name : {"info/1/7", "info/1/5", "info/0/2", "info/0/x", "info/0/02"}) {
    put(name, "");
  }
  QueueWalk walk(files_, kLayout, mail::QueueKind::info);
  EXPECT_FALSE(walk.active());
  walk.start();
  EXPECT_TRUE(walk.active());
  std::vector<std::uint64_t> numbers;
  for (;;) {
    const auto id = walk.next();
    ASSERT_TRUE(id);
    if (!*id) {
      break;
    }
    numbers.push_back((*id)->number());
  }
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{2, 5, 7}));
  EXPECT_FALSE(walk.active());
}

TEST_F(QueueOnDisk, ADirectoryThatCannotBeListedComesAgain) {
  put("info/1/7", "");
  ASSERT_EQ(::rename("info/0", "info/away"), 0);
  QueueWalk walk(files_, kLayout, mail::QueueKind::info);
  walk.start();
  const auto failed = walk.next();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().text, "info/0");
  EXPECT_EQ(*walk.next(), kId);
  EXPECT_EQ(*walk.next(), std::nullopt);
  EXPECT_TRUE(walk.active());
  ASSERT_EQ(::rename("info/away", "info/0"), 0);
  put("info/0/2", "");
  EXPECT_EQ(*walk.next(), std::nullopt);
  walk.retry();
  EXPECT_EQ(*walk.next(), mail::MessageId(2));
  EXPECT_EQ(*walk.next(), std::nullopt);
  EXPECT_FALSE(walk.active());
}

TEST_F(QueueOnDisk, MessagesComeBeforeLeftovers) {
  put("info/1/7", "Fs@h\0"s);
  put("local/1/7", "Ta@me\0"s);
  put("mess/1/9", "", kNow - base::Seconds(200'000));
  put("mess/1/7", "", kNow - base::Seconds(200'000));
  put("mess/0/4", "", kNow);
  QueueScan scan(files_, kLayout);
  EXPECT_FALSE(scan.step(kNow).any);
  scan.find_leftovers();
  scan.find_messages();
  const auto first = scan.step(kNow);
  ASSERT_TRUE(found(first.event));
  EXPECT_EQ(found(first.event)->id, kId);
  std::vector<std::uint64_t> left;
  for (auto step = scan.step(kNow); step.any; step = scan.step(kNow)) {
    if (step.event) {
      left.push_back(std::get<scheduler::LeftoverFound>(*step.event).id.number());
    }
  }
  EXPECT_EQ(left, std::vector<std::uint64_t>{9});
}

TEST_F(QueueOnDisk, WhatCannotBeListedIsSaidAndTriedAgain) {
  ASSERT_EQ(::rename("info/0", "info/away"), 0);
  QueueScan scan(files_, kLayout);
  scan.find_messages();
  const auto failed = scan.step(kNow);
  ASSERT_TRUE(failed.event);
  EXPECT_EQ(std::get<scheduler::ScanFailed>(*failed.event).directory, "info/0");
  EXPECT_FALSE(scan.step(kNow).any);
  ASSERT_EQ(::rename("info/away", "info/0"), 0);
  put("info/0/2", "Fs@h\0"s);
  scan.retry();
  EXPECT_EQ(found(scan.step(kNow).event)->id, mail::MessageId(2));
}

}  // namespace
}  // namespace reqmail::send
