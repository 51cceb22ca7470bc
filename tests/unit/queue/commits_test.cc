// Many messages whose syncs run beside each other: what a power failure leaves, and who shares
// a sync.
#include "queue/commits.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "queue/accept.h"
#include "tests/unit/support/crash_files.h"

namespace reqmail::queue {
namespace {

using namespace std::string_literals;
using testing::CrashFiles;
using testing::DiskState;
using testing::NameModel;

const mail::QueueLayout kLayout(2);
const std::string kEnvelope = "Fs@a.example\0Tone@b.example\0\0"s;
constexpr std::chrono::milliseconds kLimit = std::chrono::hours(24);

// Carries tasks out when the test says so, in an order that it chooses.
class ByHand final : public sys::Background {
 public:
  void submit(std::unique_ptr<sys::Task> task) override { waiting.push_back(std::move(task)); }

  std::vector<std::unique_ptr<sys::Task>> take_done() override {
    return std::exchange(done_, {});
  }

  [[nodiscard]] std::size_t width() const override { return 4; }

  // Does the waiting task at this place in the line; places beyond its end count from the
  // beginning again.
  void work(std::size_t place) {
    const auto task = waiting.begin() + static_cast<std::ptrdiff_t>(place % waiting.size());
    (*task)->work();
    done_.push_back(std::move(*task));
    waiting.erase(task);
  }

  std::vector<std::unique_ptr<sys::Task>> waiting;

 private:
  std::vector<std::unique_ptr<sys::Task>> done_;
};

int take_in(Acceptance& message, const std::string& text) {
  const auto put = [&message](const std::string& bytes) {
    std::memcpy(message.room(), bytes.data(), bytes.size());
    return bytes.size();
  };
  int code = message.begin();
  code = code != 0 ? code : message.take_message(put(text));
  code = code != 0 ? code : message.end_message();
  return code != 0 ? code : message.take_envelope(put(kEnvelope));
}

std::string text_of(std::uint64_t id) {
  return "message " + std::to_string(id);
}

// The number that a message gets in the queue.
mail::MessageId number_of(std::uint64_t id) {
  return mail::MessageId(1000 + 100 * id);
}

class Machine {
 public:
  explicit Machine(CrashFiles& files) : files_(files), commits_(files, by_hand) {}

  // Takes a message in and begins with its syncs.
  void take(std::uint64_t id, const std::string& dsn = {}) {
    files_.next_inode(number_of(id).number());
    Submission submission;
    submission.pid = id;
    submission.dsn = dsn;
    auto message = std::make_unique<Acceptance>(files_, kLayout, submission);
    if (const int failed = take_in(*message, text_of(id)); failed != 0) {
      results_[id] = failed;
      return;
    }
    EXPECT_TRUE(message->is_complete());
    commits_.begin(id, message->writer(), kLimit);
    messages_[id] = std::move(message);
  }

  // Returns the results so far, by message.
  const std::map<std::uint64_t, int>& collect(std::chrono::milliseconds now = {}) {
    for (const auto& result : commits_.collect(now)) {
      results_[result.id] = result.code;
      messages_.erase(result.id);
    }
    EXPECT_EQ(commits_.size(), messages_.size());
    return results_;
  }

  const std::map<std::uint64_t, int>& run_all(std::size_t order = 0) {
    (void)collect();
    while (!by_hand.waiting.empty()) {
      by_hand.work(order);
      (void)collect();
      order = order * 7 + 3;
    }
    return collect();
  }

  ByHand by_hand;

 private:
  CrashFiles& files_;
  Commits commits_;
  std::map<std::uint64_t, std::unique_ptr<Acceptance>> messages_;
  std::map<std::uint64_t, int> results_;
};

bool is_announced(const DiskState& state, std::uint64_t id) {
  return state.contains(kLayout.path(mail::QueueKind::todo, number_of(id)));
}

bool is_whole(const DiskState& state, std::uint64_t id) {
  const auto mess = state.find(kLayout.path(mail::QueueKind::mess, number_of(id)));
  const auto todo = state.find(kLayout.path(mail::QueueKind::todo, number_of(id)));
  return mess != state.end() && mess->second.ends_with(text_of(id)) && todo != state.end() &&
         todo->second.ends_with("Tone@b.example\0"s);
}

class CommitsCrash : public ::testing::TestWithParam<NameModel> {};

TEST_P(CommitsCrash, AMessageIsAbsentOrWholeAndAnAcknowledgedOneWhole) {
  for (std::size_t order = 0; order < 3; ++order) {
    CrashFiles files;
    Machine machine(files);
    std::map<std::uint64_t, std::size_t> acknowledged;
    const auto note = [&] {
      for (const auto& [id, code] : machine.collect()) {
        EXPECT_EQ(code, 0);
        acknowledged.emplace(id, files.recorded());
      }
    };
    for (std::uint64_t id = 1; id <= 2; ++id) {
      machine.take(id, id == 2 ? "NOTIFY=NEVER\tone@b.example\n" : "");
      // Syncs of the first message go on meanwhile.
      machine.by_hand.work(order);
      note();
    }
    for (std::size_t place = order; !machine.by_hand.waiting.empty(); place = place * 5 + 1) {
      machine.by_hand.work(place);
      note();
    }
    ASSERT_EQ(acknowledged.size(), 2U);
    for (std::size_t prefix = 0; prefix <= files.recorded(); ++prefix) {
      files.for_each_crash(prefix, GetParam(), [&](const DiskState& state) {
        for (const auto& [id, told] : acknowledged) {
          EXPECT_TRUE(!is_announced(state, id) || is_whole(state, id));
          EXPECT_TRUE(told > prefix || is_whole(state, id)) << "acknowledged and lost";
        }
      });
    }
  }
}

TEST_P(CommitsCrash, EveryFailingCallIsToldAndUndoneForItsMessageAlone) {
  CrashFiles whole;
  Machine all(whole);
  all.take(1);
  all.take(2);
  (void)all.run_all();
  const DiskState good = whole.now();
  for (int call = 0; call < whole.calls(); ++call) {
    CrashFiles files;
    files.fail_call(call, EIO);
    Machine machine(files);
    machine.take(1);
    machine.take(2);
    const auto& results = machine.run_all();
    ASSERT_EQ(results.size(), 2U);
    std::size_t kept = 0;
    for (const auto& [id, code] : results) {
      EXPECT_TRUE(code == 0 || code == 53 || (code >= 63 && code <= 66)) << code;
      EXPECT_EQ(code == 0, is_whole(files.now(), id)) << "call " << call;
      EXPECT_EQ(code == 0, is_announced(files.now(), id)) << "call " << call;
      kept += code == 0 ? 3 : 0;
    }
    // A name in pid/ that could not be removed has no other effect.
    EXPECT_TRUE(files.now().size() == kept || (kept == 6 && files.now().size() == 7)) << call;
    for (std::size_t prefix = 0; prefix <= files.recorded(); ++prefix) {
      files.for_each_crash(prefix, GetParam(), [&](const DiskState& state) {
        for (const std::uint64_t id : {1U, 2U}) {
          EXPECT_TRUE(!is_announced(state, id) || is_whole(state, id));
        }
      });
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, CommitsCrash,
                         ::testing::Values(NameModel::ordered, NameModel::strict));

// These show that the tests above can fail.
TEST(Commits, NoSyncIsSuperfluous) {
  constexpr int kSyncs = 4;
  for (int dropped = 0; dropped < kSyncs; ++dropped) {
    CrashFiles files;
    files.drop_sync(dropped);
    Machine machine(files);
    machine.take(1);
    ASSERT_EQ(machine.run_all().at(1), 0);
    ASSERT_EQ(files.syncs(), kSyncs);
    bool lost = false;
    for (std::size_t prefix = 0; prefix <= files.recorded(); ++prefix) {
      files.for_each_crash(prefix, NameModel::strict, [&](const DiskState& state) {
        lost = lost || (is_announced(state, 1) && !is_whole(state, 1)) ||
               (prefix == files.recorded() && !is_whole(state, 1));
      });
    }
    EXPECT_TRUE(lost) << dropped;
  }
}

TEST(Commits, ManyShareTheSyncOfTodo) {
  constexpr int kMessages = 10;
  CrashFiles files;
  Machine machine(files);
  for (std::uint64_t id = 1; id <= kMessages; ++id) {
    machine.take(id);
  }
  while (!machine.by_hand.waiting.empty()) {
    // All that can be done is done before the loop looks again.
    while (!machine.by_hand.waiting.empty()) {
      machine.by_hand.work(0);
    }
    (void)machine.collect();
  }
  EXPECT_EQ(machine.collect().size(), std::size_t{kMessages});
  // Three for each, and todo for all.
  EXPECT_EQ(files.syncs(), 3 * kMessages + 1);
}

TEST(Commits, OneOfTodoThatFailsConcernsAllThatShareIt) {
  CrashFiles files;
  Machine machine(files);
  machine.take(1);
  EXPECT_EQ(machine.by_hand.waiting.size(), 3U) << "alone: its syncs are made at once";
  machine.take(2);
  EXPECT_EQ(machine.by_hand.waiting.size(), 4U);
  while (!machine.by_hand.waiting.empty()) {
    machine.by_hand.work(0);
  }
  (void)machine.collect();
  ASSERT_EQ(machine.by_hand.waiting.size(), 1U);
  // This one comes too late for the sync of todo that has begun.
  machine.take(3);
  machine.by_hand.work(1);
  (void)machine.collect();
  ASSERT_EQ(machine.by_hand.waiting.size(), 1U);
  files.fail_call(files.calls(), EIO);
  machine.by_hand.work(0);
  const auto& results = machine.run_all();
  EXPECT_EQ(results.at(1), 66);
  EXPECT_EQ(results.at(2), 66);
  EXPECT_EQ(results.at(3), 0);
  EXPECT_TRUE(is_whole(files.now(), 3));
  EXPECT_EQ(files.now().size(), 3U);
}

TEST(Commits, AMessageWhoseTimeIsOverIsGivenUp) {
  CrashFiles files;
  Machine machine(files);
  machine.take(1);
  while (!machine.by_hand.waiting.empty()) {
    machine.by_hand.work(0);
  }
  EXPECT_EQ(machine.collect(kLimit).at(1), 52);
  EXPECT_TRUE(files.now().empty());
}

}  // namespace
}  // namespace reqmail::queue
