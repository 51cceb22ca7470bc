// The scan in pieces beside the main loop: what happens between a piece and the loop that takes
// it.
#include "send/scan_pieces.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "send/executor.h"
#include "tests/unit/support/crash_files.h"

namespace reqmail::send {
namespace {

using namespace std::string_literals;
using reqmail::testing::CrashFiles;
using reqmail::testing::DiskState;
using scheduler::Channel;
using Events = std::vector<scheduler::Event>;

const mail::QueueLayout kLayout(23);
const base::Time kNow = base::from_epoch(1'700'000'000);

// A queue with these messages, all for one remote recipient.
DiskState waiting(const std::vector<std::uint64_t>& numbers) {
  DiskState disk;
  for (const std::uint64_t number : numbers) {
    const mail::MessageId id(number);
    disk[kLayout.path(mail::QueueKind::mess, id)] = "x";
    disk[kLayout.path(mail::QueueKind::info, id)] = "Fs@h\0"s;
    disk[kLayout.path(mail::QueueKind::remote, id)] = "Ta@x\0"s;
  }
  return disk;
}

Events piece_of(ScanPieces& pieces) {
  auto piece = pieces.next(kNow);
  if (!piece) {
    return {};
  }
  piece->work();
  return pieces.take(std::move(*piece), kNow);
}

TEST(ScanPieces, OneIsUnderWayAtATime) {
  CrashFiles files(waiting({145}));
  ScanPieces pieces(files, kLayout);
  EXPECT_FALSE(pieces.next(kNow)) << "nothing was asked for";
  pieces.find_messages();
  EXPECT_FALSE(pieces.under_way());
  auto piece = pieces.next(kNow);
  ASSERT_TRUE(piece);
  EXPECT_TRUE(pieces.under_way());
  EXPECT_FALSE(pieces.next(kNow));
  EXPECT_FALSE(pieces.has_ended());
  piece->work();
  EXPECT_EQ(pieces.take(std::move(*piece), kNow).size(), 1U);
  EXPECT_FALSE(pieces.under_way());
  EXPECT_FALSE(pieces.next(kNow)) << "all were found";
  EXPECT_TRUE(pieces.has_ended());
  EXPECT_FALSE(pieces.has_ended()) << "once";
}

TEST(ScanPieces, ALongQueueTakesMany) {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t number = 1; number <= 1000; ++number) {
    numbers.push_back(number);
  }
  CrashFiles files(waiting(numbers));
  ScanPieces pieces(files, kLayout);
  pieces.find_messages();
  std::size_t found = 0;
  std::size_t count = 0;
  while (auto piece = pieces.next(kNow)) {
    piece->work();
    const Events events = pieces.take(std::move(*piece), kNow);
    EXPECT_LE(events.size(), 256U);
    found += events.size();
    ++count;
  }
  EXPECT_EQ(found, 1000U);
  EXPECT_GE(count, 4U);
}

// A queue of which ten pieces are not all, gone through so far.
class LongQueue : public ::testing::Test {
 protected:
  LongQueue() {
    pieces_.find_messages();
    pieces_.find_leftovers();
    for (int i = 0; i < 10; ++i) {
      take(*pieces_.next(kNow));
    }
  }

  static DiskState disk() {
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t number = 1; number <= kMessages; ++number) {
      numbers.push_back(number);
    }
    DiskState disk = waiting(numbers);
    for (std::uint64_t number = kMessages + 1; number <= kMessages + 23; ++number) {
      disk[kLayout.path(mail::QueueKind::mess, mail::MessageId(number))] = "x";
    }
    return disk;
  }

  void take(ScanPiece piece) {
    piece.work();
    for (const scheduler::Event& event : pieces_.take(std::move(piece), kNow)) {
      if (const auto* found = std::get_if<scheduler::MessageFound>(&event)) {
        EXPECT_TRUE(messages_.insert(found->id.number()).second) << found->id.number();
      } else {
        const auto& leftover = std::get<scheduler::LeftoverFound>(event);
        EXPECT_TRUE(leftovers_.insert(leftover.id.number()).second) << leftover.id.number();
      }
    }
  }

  void take_all() {
    while (auto piece = pieces_.next(kNow)) {
      take(std::move(*piece));
    }
  }

  static constexpr std::uint64_t kMessages = 5000;

  CrashFiles files_{disk()};
  ScanPieces pieces_{files_, kLayout};
  std::set<std::uint64_t> messages_;
  std::set<std::uint64_t> leftovers_;
};

TEST_F(LongQueue, TakesTwoAtATimeAndEachMessageOnce) {
  ASSERT_LT(messages_.size(), kMessages);
  auto first = pieces_.next(kNow);
  auto second = pieces_.next(kNow);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(pieces_.next(kNow));
  take(std::move(*second));
  EXPECT_TRUE(pieces_.under_way());
  take(std::move(*first));
  EXPECT_FALSE(pieces_.under_way());
  take_all();
  EXPECT_EQ(messages_.size(), kMessages);
  EXPECT_EQ(leftovers_.size(), 23U);
  EXPECT_FALSE(pieces_.may_have_list(mail::MessageId(kMessages + 100)));
}

TEST_F(LongQueue, EachPieceKnowsWhatHasEndedSinceItBegan) {
  auto first = pieces_.next(kNow);
  first->work();
  for (std::uint64_t number = 1; number <= kMessages; ++number) {
    pieces_.ended(mail::MessageId(number));
  }
  auto second = pieces_.next(kNow);
  const std::size_t before = messages_.size();
  take(std::move(*second));
  EXPECT_GT(messages_.size(), before) << "it began later";
  const std::size_t after = messages_.size();
  EXPECT_TRUE(pieces_.may_have_list(mail::MessageId(kMessages + 100)));
  EXPECT_TRUE(pieces_.take(std::move(*first), kNow).empty());
  EXPECT_EQ(messages_.size(), after);
}

TEST_F(LongQueue, AlrmCountsForBoth) {
  files_.set_accessed(kNow + base::Seconds(3600));
  auto first = pieces_.next(kNow);
  auto second = pieces_.next(kNow);
  pieces_.all_due();
  for (auto* piece : {&*first, &*second}) {
    piece->work();
    const Events events = pieces_.take(std::move(*piece), kNow);
    ASSERT_FALSE(events.empty());
    for (const scheduler::Event& event : events) {
      EXPECT_EQ(std::get<scheduler::MessageFound>(event).next_try[Channel::remote], kNow);
    }
  }
}

TEST(ScanPieces, AMessageThatHasEndedMeanwhileIsLeftOut) {
  CrashFiles files(waiting({145, 146}));
  ScanPieces pieces(files, kLayout);
  pieces.find_messages();
  pieces.ended(mail::MessageId(146));  // before the piece, which would not find it
  auto piece = pieces.next(kNow);
  piece->work();
  pieces.ended(mail::MessageId(145));
  const Events events = pieces.take(std::move(*piece), kNow);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(std::get<scheduler::MessageFound>(events[0]).id, mail::MessageId(146));
  // The next scan finds a message of that number again.
  pieces.find_messages();
  EXPECT_EQ(piece_of(pieces).size(), 2U);
}

TEST(ScanPieces, ALeftoverIsExaminedAgain) {
  for (const bool used_again : {false, true}) {
    CrashFiles files(DiskState{{"mess/7/145", "x"}});
    ScanPieces pieces(files, kLayout);
    pieces.find_leftovers();
    auto piece = pieces.next(kNow);
    piece->work();
    if (used_again) {
      ASSERT_TRUE(files.create("todo/145", 0600));
    }
    EXPECT_EQ(pieces.take(std::move(*piece), kNow).size(), used_again ? 0U : 1U);
  }
}

TEST(ScanPieces, WhatIsAskedForMeanwhileIsDoneNext) {
  DiskState disk = waiting({145});
  disk["mess/8/146"] = "x";
  CrashFiles files(disk);
  ScanPieces pieces(files, kLayout);
  pieces.find_messages();
  auto piece = pieces.next(kNow);
  piece->work();
  pieces.find_leftovers();
  pieces.retry();
  const Events events = pieces.take(std::move(*piece), kNow);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<scheduler::MessageFound>(events[0]));
  const Events after = piece_of(pieces);
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(std::get<scheduler::LeftoverFound>(after[0]).id, mail::MessageId(146));
  EXPECT_TRUE(piece_of(pieces).empty());
}

TEST(ScanPieces, AlrmCountsForMessagesThatAreFoundLater) {
  CrashFiles files(waiting({145}));
  const base::Time later = kNow + base::Seconds(3600);
  files.set_accessed(later);
  const auto next_try = [&](ScanPieces& pieces) {
    const Events events = piece_of(pieces);
    return events.size() == 1
               ? std::get<scheduler::MessageFound>(events[0]).next_try[Channel::remote]
               : std::nullopt;
  };
  ScanPieces pieces(files, kLayout);
  pieces.all_due();  // nothing is looked for
  pieces.find_messages();
  EXPECT_EQ(next_try(pieces), later);
  pieces.find_messages();
  pieces.all_due();
  EXPECT_EQ(next_try(pieces), kNow);
  pieces.find_messages();
  EXPECT_EQ(next_try(pieces), later) << "it counts for one scan";
  pieces.find_messages();
  auto piece = pieces.next(kNow);
  piece->work();
  pieces.all_due();
  const Events events = pieces.take(std::move(*piece), kNow);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(std::get<scheduler::MessageFound>(events[0]).next_try[Channel::remote], kNow);
}

TEST(ScanPieces, OnlyACompleteScanKnowsWhichNumbersHaveNoList) {
  CrashFiles files(waiting({145}));
  ScanPieces pieces(files, kLayout);
  EXPECT_TRUE(pieces.may_have_list(mail::MessageId(5000)));
  pieces.find_messages();
  auto piece = pieces.next(kNow);
  piece->work();
  EXPECT_TRUE(pieces.may_have_list(mail::MessageId(5000)));
  (void)pieces.take(std::move(*piece), kNow);
  EXPECT_FALSE(pieces.may_have_list(mail::MessageId(5000)));
}

// --- The executor's loop beside it ---

// Work is done at once, and the loop gets to know it when the test wants it.
class Delayed final : public sys::Background {
 public:
  void submit(std::unique_ptr<sys::Task> task) override {
    task->work();
    done_.push_back(std::move(task));
  }

  std::vector<std::unique_ptr<sys::Task>> take_done() override {
    return std::exchange(done_, {});
  }

  [[nodiscard]] std::size_t width() const override { return 2; }

 private:
  std::vector<std::unique_ptr<sys::Task>> done_;
};

class NoBounces final : public BounceSender {
 public:
  [[nodiscard]] bool full() const override { return false; }

  bool begin(BounceOrder /*order*/) override { return false; }

  std::vector<BounceResult> take_done() override { return {}; }

  void hurry() override {}
};

class LoopBesideScan : public ::testing::Test {
 protected:
  static scheduler::SchedulerConfig config() {
    scheduler::SchedulerConfig config;
    config.concurrency = {{10, 20}};
    config.lifetime = base::Seconds(604800);
    config.split = kLayout.split();
    config.routing.envnoathost = "me";
    return config;
  }

  void start() {
    executor_.set_time(kNow, SendExecutor::Clock(1000));
    executor_.list_todo();
    executor_.handle(scheduler::Started{{{10, 10}}});
  }

  // Returns what was ordered from qmail-rspawn.
  std::string orders() { return std::exchange(executor_.output().orders[Channel::remote], {}); }

  CrashFiles files_{DiskState{{"mess/11/1000", "x"},
                              {"intd/1000", "u7\0p42\0Fs@h\0Ttwo@x\0"s},
                              {"todo/1000", "u7\0p42\0Fs@h\0Ttwo@x\0"s},
                              {"mess/7/145", "x"},
                              {"info/7/145", "Fs@h\0"s},
                              {"remote/7/145", "Told@x\0"s}}};
  Delayed background_;
  NoBounces bounces_;
  SendExecutor executor_{config(), {files_, kLayout, background_, bounces_, {}}};
};

TEST_F(LoopBesideScan, NewMailIsDeliveredMeanwhile) {
  start();
  EXPECT_TRUE(executor_.start_scan());
  executor_.turns(50);
  const std::string first = orders();
  EXPECT_NE(first.find("two@x"), std::string::npos);
  EXPECT_EQ(first.find("old@x"), std::string::npos);
  executor_.background_done();
  executor_.turns(50);
  EXPECT_NE(orders().find("old@x"), std::string::npos);
}

// The piece sees info/1000 while the message is delivered; the loop takes the piece after the
// message has gone.
TEST_F(LoopBesideScan, AMessageThatHasEndedDoesNotComeBack) {
  start();
  executor_.turns(50);
  const std::string order = orders();
  ASSERT_NE(order.find("two@x"), std::string::npos);
  ASSERT_TRUE(files_.now().contains("info/11/1000"));
  EXPECT_TRUE(executor_.start_scan());
  executor_.handle(scheduler::Reported{Channel::remote, order.substr(0, 1) + "Kyes\n\0"s});
  executor_.turns(50);
  ASSERT_FALSE(files_.now().contains("info/11/1000"));
  while (!executor_.output().clean.empty()) {
    executor_.output().clean.clear();
    executor_.clean_answered('+');
    executor_.turns(50);
  }
  executor_.background_done();
  executor_.turns(50);
  EXPECT_EQ(executor_.output().log.find("warning"), std::string::npos)
      << executor_.output().log;
  EXPECT_NE(orders().find("old@x"), std::string::npos);
}

class LoopBesideScanAtAlrm : public LoopBesideScan,
                             public ::testing::WithParamInterface<bool> {};

TEST_P(LoopBesideScanAtAlrm, MakesMessagesDueThatAreStillToBeFound) {
  files_.set_accessed(kNow + base::Seconds(3600));
  start();
  EXPECT_TRUE(executor_.start_scan());
  if (GetParam()) {
    executor_.alarm();
  }
  executor_.background_done();
  executor_.turns(50);
  EXPECT_EQ(orders().find("old@x") != std::string::npos, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Alrm, LoopBesideScanAtAlrm, ::testing::Bool());

}  // namespace
}  // namespace reqmail::send
