// How the queue is gone through for messages and leftovers.
#include "send/queue_scan.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "send/recipient_lists.h"
#include "send/scan.h"
#include "tests/unit/support/crash_files.h"

namespace reqmail::send {
namespace {

using namespace std::string_literals;
using reqmail::testing::CrashFiles;
using reqmail::testing::DiskState;
using scheduler::Channel;

const mail::QueueLayout kLayout(23);

// Walks to the end and returns what was found.
std::vector<scheduler::Event> all_of(QueueScan& scan) {
  std::vector<scheduler::Event> events;
  for (;;) {
    QueueScan::Step step = scan.step(base::from_epoch(1'700'000'000));
    if (!step.any) {
      return events;
    }
    if (step.event) {
      events.push_back(std::move(*step.event));
    }
  }
}

TEST(QueueScan, LooksOnceAtEachMessage) {
  CrashFiles files(DiskState{{"info/7/145", "Fs\0"s},
                             {"remote/7/145", "Ta\0"s},
                             {"mess/7/145", "x"},
                             {"info/7/168", "Fs\0"s},
                             {"local/7/168", "Ta\0"s},
                             {"mess/7/168", "x"}});
  QueueScan scan(files, kLayout);
  scan.find_messages();
  scan.find_leftovers();
  const auto events = all_of(scan);
  ASSERT_EQ(events.size(), 2U);
  const auto& first = std::get<scheduler::MessageFound>(events[0]);
  EXPECT_EQ(first.id, mail::MessageId(145));
  EXPECT_TRUE(first.next_try[Channel::remote] && !first.next_try[Channel::local]);
  const auto& second = std::get<scheduler::MessageFound>(events[1]);
  EXPECT_EQ(second.id, mail::MessageId(168));
  EXPECT_TRUE(second.next_try[Channel::local] && !second.next_try[Channel::remote]);
  EXPECT_EQ(files.looks(), 2);
}

// Changes after a directory was listed are taken into account.
TEST(QueueScan, BelievesNoListThatAMessageHasNoRecipients) {
  CrashFiles files(DiskState{{"info/7/145", "Fs\0"s},
                             {"remote/7/145", "Ta\0"s},
                             {"info/7/168", "Fs\0"s},
                             {"info/7/191", "Fs\0"s},
                             {"remote/7/191", "Ta\0"s}});
  QueueScan scan(files, kLayout);
  scan.find_messages();
  (void)scan.step(base::from_epoch(1'700'000'000));
  ASSERT_TRUE(files.create("local/7/168", 0600));
  ASSERT_TRUE(files.unlink("remote/7/191") && files.unlink("info/7/191"));
  const auto events = all_of(scan);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_TRUE(std::get<scheduler::MessageFound>(events[0]).next_try[Channel::local]);
}

TEST(QueueScan, KnowsWhichNumbersHaveStrayLists) {
  CrashFiles files(DiskState{{"info/7/145", "Fs\0"s},
                             {"remote/7/145", "Ta\0"s},
                             {"remote/8/146", "Ta\0"s},
                             {"local/9/147", "Ta\0"s}});
  QueueScan scan(files, kLayout);
  EXPECT_TRUE(scan.may_have_list(mail::MessageId(5000)));
  scan.find_messages();
  (void)scan.step(base::from_epoch(1'700'000'000));
  EXPECT_TRUE(scan.may_have_list(mail::MessageId(5000))) << "not all are listed";
  (void)all_of(scan);
  EXPECT_FALSE(scan.may_have_list(mail::MessageId(5000)));
  EXPECT_TRUE(scan.may_have_list(mail::MessageId(146)));
  EXPECT_TRUE(scan.may_have_list(mail::MessageId(147)));
}

TEST(QueueScan, FindsWhatWasNeverFinished) {
  CrashFiles files(DiskState{{"info/7/145", "Fs\0"s},
                             {"remote/7/145", "Ta\0"s},
                             {"mess/7/145", "x"},
                             {"mess/7/168", "x"},
                             {"mess/8/146", "x"},
                             {"todo/146", "Fs\0"s}});
  QueueScan scan(files, kLayout);
  scan.find_leftovers();
  const auto events = all_of(scan);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(std::get<scheduler::LeftoverFound>(events[0]).id, mail::MessageId(168));
}

// A list of info/S serves both; what the message walk has passed by is listed again.
TEST(QueueScan, FindsLeftoversBesideMessages) {
  const DiskState disk = {{"info/7/145", "Fs\0"s}, {"remote/7/145", "Ta\0"s},
                          {"mess/7/145", "x"},     {"mess/7/168", "x"},
                          {"info/8/146", "Fs\0"s}, {"remote/8/146", "Ta\0"s},
                          {"mess/8/146", "x"},     {"mess/8/169", "x"}};
  for (const bool late : {false, true}) {
    CrashFiles files(disk);
    QueueScan scan(files, kLayout);
    scan.find_messages();
    if (late) {
      (void)scan.step(base::from_epoch(1'700'000'000));
    }
    scan.find_leftovers();
    std::set<std::uint64_t> messages;
    std::set<std::uint64_t> leftovers;
    for (const scheduler::Event& event : all_of(scan)) {
      if (const auto* found = std::get_if<scheduler::MessageFound>(&event)) {
        messages.insert(found->id.number());
      } else {
        leftovers.insert(std::get<scheduler::LeftoverFound>(event).id.number());
      }
    }
    EXPECT_EQ(messages,
              late ? std::set<std::uint64_t>{146} : (std::set<std::uint64_t>{145, 146}));
    EXPECT_EQ(leftovers, (std::set<std::uint64_t>{168, 169}));
  }
}

TEST(QueueScan, IsDividedByDirectories) {
  DiskState disk;
  for (std::uint64_t number = 100; number < 123; ++number) {
    const mail::MessageId id(number);
    disk[kLayout.path(mail::QueueKind::info, id)] = "Fs\0"s;
    disk[kLayout.path(mail::QueueKind::remote, id)] = "Ta\0"s;
    disk[kLayout.path(mail::QueueKind::mess, mail::MessageId(number + 23))] = "x";
  }
  disk["local/3/3"] = "Ta\0"s;
  disk["local/4/4"] = "Ta\0"s;
  CrashFiles files(disk);
  QueueScan scan(files, kLayout);
  EXPECT_EQ(scan.divide(), nullptr) << "nothing is looked for";
  scan.find_messages();
  scan.find_leftovers();
  (void)scan.step(base::from_epoch(1'700'000'000));
  const auto other = scan.divide();
  ASSERT_TRUE(other);
  EXPECT_EQ(all_of(scan).size() + all_of(*other).size(), 22U + 23U);
  EXPECT_FALSE(scan.may_have_list(mail::MessageId(5000)));
  EXPECT_FALSE(other->may_have_list(mail::MessageId(5000)));
  for (const std::uint64_t stray : {3U, 4U}) {
    EXPECT_TRUE(scan.may_have_list(mail::MessageId(stray)) !=
                other->may_have_list(mail::MessageId(stray)));
  }
  EXPECT_EQ(scan.divide(), nullptr) << "all is listed";
}

TEST(QueueWalk, TakesOverWhatAnotherHasListed) {
  CrashFiles files(DiskState{{"info/0/23", ""}, {"info/1/1", ""}});
  QueueWalk walk(files, kLayout, mail::QueueKind::info);
  EXPECT_FALSE(walk.will_list(1)) << "it has not been started";
  walk.start();
  EXPECT_TRUE(walk.will_list(1));
  walk.take_over(1, {mail::MessageId(24)});
  EXPECT_FALSE(walk.will_list(1));
  std::vector<std::uint64_t> numbers;
  for (auto id = walk.next(); id && *id; id = walk.next()) {
    numbers.push_back((*id)->number());
  }
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{24, 23}));
  EXPECT_FALSE(walk.active());
}

TEST(QueueWalk, VisitsAllDirectoriesAndComesBackToThoseThatFailed) {
  CrashFiles files(DiskState{{"info/0/23", ""},
                             {"info/1/1", ""},
                             {"info/1/24", ""},
                             {"info/1/odd", ""},
                             {"info/22/45", ""}});
  QueueWalk walk(files, kLayout, mail::QueueKind::info);
  walk.start();
  std::set<std::uint64_t> found;
  while (true) {
    const auto id = walk.next();
    if (id && !*id) {
      break;
    }
    if (id) {
      found.insert((*id)->number());
    }
  }
  EXPECT_EQ(found, (std::set<std::uint64_t>{1, 23, 24, 45}));
}

}  // namespace
}  // namespace reqmail::send
