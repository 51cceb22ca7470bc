// Power failures while qmail-send runs, with its own scheduler and executor on a file system
// that loses what was not synced. After each possible loss a new qmail-send starts with the
// remaining files. Mail for every recipient that was neither delivered nor bounced before must
// then be delivered or bounced.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "mail/clean_command.h"
#include "mail/envelope.h"
#include "queue/cleaner.h"
#include "send/executor.h"
#include "tests/unit/support/crash_files.h"

namespace reqmail::send {
namespace {

using namespace std::string_literals;
using mail::QueueKind;
using scheduler::Channel;
using testing::CrashFiles;
using testing::DiskState;
using testing::NameModel;

const mail::QueueLayout kLayout(23);
const mail::MessageId kId(145);
const std::string kMessage = "Subject: crash\n\nbody\n";
const base::Time kNow = base::from_epoch(1'700'000'000);

using Recipients = std::vector<std::string>;

// The recipients: here.example is local, other domains are remote, and those named "bad" fail
// permanently.
const Recipients kRecipients = {"good@here.example", "bad@here.example", "good@b.example",
                                "bad@b.example"};

DiskState queued_state(const Recipients& recipients = kRecipients) {
  std::string todo = mail::todo_head(7, 42);
  mail::append_record(todo, 'F', "s@a.example");
  for (const std::string& recipient : recipients) {
    mail::append_record(todo, 'T', recipient);
  }
  return {{kLayout.path(QueueKind::mess, kId), kMessage},
          {kLayout.path(QueueKind::intd, kId), todo},
          {kLayout.path(QueueKind::todo, kId), todo}};
}

scheduler::SchedulerConfig scheduler_config() {
  scheduler::SchedulerConfig config;
  config.concurrency = {{10, 20}};
  config.lifetime = base::Seconds(604800);
  config.split = kLayout.split();
  config.routing.locals = {"here.example"};
  config.routing.envnoathost = "here.example";
  return config;
}

// Tasks end at once, while the loop does its next step.
class AtOnce final : public sys::Background {
 public:
  void submit(std::unique_ptr<sys::Task> task) override {
    task->work();
    done_.push_back(std::move(task));
  }

  std::vector<std::unique_ptr<sys::Task>> take_done() override {
    return std::exchange(done_, {});
  }

  [[nodiscard]] std::size_t width() const override { return 4; }

 private:
  std::vector<std::unique_ptr<sys::Task>> done_;
};

// The events outside of qmail-send, each with the number of the disk's last record.
using Seen = std::map<std::string, std::size_t>;

// A queue program takes some time while the loop continues: only the second look at it shows
// whether the notice is queued.
class Bounces final : public BounceSender {
 public:
  Bounces(CrashFiles& files, Seen& seen) : files_(files), seen_(seen) {}

  [[nodiscard]] bool full() const override { return !running_.empty() || !ended_.empty(); }

  bool begin(BounceOrder order) override {
    EXPECT_EQ(queue::read_all(*order.message).value_or(""), kMessage);
    const auto text = queue::read_all(*order.paragraphs);
    EXPECT_TRUE(text);
    running_.emplace_back(order.id, std::string(*text));
    return true;
  }

  std::vector<BounceResult> take_done() override {
    std::vector<BounceResult> results;
    for (const auto& [id, text] : std::exchange(ended_, std::exchange(running_, {}))) {
      for (const std::string& recipient : kRecipients) {
        if (text.find("<" + recipient + ">:\n") != std::string::npos) {
          seen_.emplace(recipient, files_.recorded());
        }
      }
      results.push_back({id, true, 4711});
    }
    return results;
  }

  void hurry() override {}

 private:
  using Notices = std::vector<std::pair<mail::MessageId, std::string>>;

  CrashFiles& files_;
  Seen& seen_;
  Notices running_;
  Notices ended_;
};

// When the spawners report: at once, or after todo/N was removed.
enum class Pace { fast, slow, local_first };

class Host {
 public:
  Host(CrashFiles& files, Pace pace, std::size_t chunk = kRecordChunk)
      : files_(files),
        pace_(pace),
        bounces_(files, seen_),
        executor_(scheduler_config(),
                  {files, kLayout, background_, bounces_, {}, {}, false, chunk}) {
    files_.set_accessed(kNow - base::Seconds(200'000));
  }

  // Runs until nothing of a message is left or nothing changes any more.
  void run() {
    executor_.set_time(kNow, steady_);
    executor_.list_todo();
    executor_.handle(scheduler::Started{{{10, 20}}});
    for (int round = 0; round < 150 && !(round > 3 && files_.now().empty()); ++round) {
      step();
    }
  }

  [[nodiscard]] const Seen& seen() const { return seen_; }

  [[nodiscard]] const std::string& log() const { return executor_log_; }

 private:
  struct Order {
    Channel channel;
    char slot;
    std::string recipient;
  };

  void step() {
    executor_.set_time(kNow, steady_);
    executor_.turns(50);
    (void)executor_.start_scan();
    executor_.start_syncs();
    executor_.background_done();
    executor_.bounces_done();
    executor_log_ += std::exchange(executor_.output().log, {});
    take_orders();
    clean();
    if (pace_ == Pace::fast || files_.now().count(kLayout.path(QueueKind::todo, kId)) == 0) {
      answer(true);
    } else if (pace_ == Pace::local_first) {
      answer(false);
    }
    steady_ += std::chrono::milliseconds(60);
    executor_.set_time(kNow, steady_);
  }

  void take_orders() {
    for (const Channel channel : scheduler::kChannels) {
      std::string text = std::exchange(executor_.output().orders[channel], {});
      while (!text.empty()) {
        const std::size_t name = text.find('\0', 1);
        const std::size_t sender = text.find('\0', name + 1);
        const std::size_t end = text.find('\0', sender + 1);
        orders_.push_back({channel, text[0], text.substr(sender + 1, end - sender - 1)});
        text.erase(0, end + 1);
      }
    }
  }

  void answer(bool remote_too) {
    std::vector<Order> later;
    for (const Order& order : std::exchange(orders_, {})) {
      if (order.channel == Channel::remote && !remote_too) {
        later.push_back(order);
        continue;
      }
      const bool good = order.recipient.rfind("good", 0) == 0;
      if (good) {
        seen_.emplace(order.recipient, files_.recorded());
      }
      executor_.handle(
          scheduler::Reported{order.channel, order.slot + (good ? "Kfine\n\0"s : "Dno\n\0"s)});
    }
    orders_.insert(orders_.end(), later.begin(), later.end());
  }

  void clean() {
    std::string commands = std::exchange(executor_.output().clean, {});
    while (!commands.empty()) {
      const std::size_t end = commands.find('\0');
      const auto command = mail::parse_clean_command(commands.substr(0, end));
      ASSERT_TRUE(command);
      commands.erase(0, end + 1);
      executor_.clean_answered(cleaner_.clean(*command));
    }
  }

  CrashFiles& files_;
  Pace pace_;
  Seen seen_;
  AtOnce background_;
  queue::Cleaner cleaner_{files_, kLayout};
  Bounces bounces_;
  SendExecutor executor_;
  std::vector<Order> orders_;
  std::string executor_log_;
  std::chrono::milliseconds steady_{1000};
};

// Returns the recipients whose mail a restart on this disk neither delivers nor bounces,
// although that had not been done before the power failure.
Recipients lost(const DiskState& state, std::size_t prefix, const Recipients& recipients,
                const Seen& before, std::size_t chunk = kRecordChunk) {
  CrashFiles disk(state);
  Host host(disk, Pace::fast, chunk);
  host.run();
  Recipients missing;
  for (const std::string& recipient : recipients) {
    const auto seen = before.find(recipient);
    const bool was_seen = seen != before.end() && prefix > seen->second;
    if (!was_seen && host.seen().count(recipient) == 0) {
      missing.push_back(recipient);
    }
  }
  return missing;
}

// Visits each different state once.
void for_each_different_crash(const CrashFiles& files, std::size_t prefix, NameModel model,
                              const std::function<void(const DiskState&)>& visit) {
  std::set<DiskState> visited;
  files.for_each_crash(prefix, model, [&](const DiskState& state) {
    if (visited.insert(state).second) {
      visit(state);
    }
  });
}

// A longer envelope is processed in parts, here in six.
constexpr std::size_t kShortChunk = 20;

struct Scene {
  NameModel model;
  Pace pace;
  std::size_t chunk = kRecordChunk;
};

class SendCrash : public ::testing::TestWithParam<Scene> {};

TEST_P(SendCrash, NobodyIsForgotten) {
  CrashFiles files(queued_state());
  Host host(files, GetParam().pace, GetParam().chunk);
  host.run();
  ASSERT_TRUE(files.now().empty()) << host.log();
  ASSERT_EQ(host.seen().size(), kRecipients.size()) << host.log();
  std::size_t states = 0;
  for (std::size_t prefix = 0; prefix <= files.recorded(); ++prefix) {
    for_each_different_crash(files, prefix, GetParam().model, [&](const DiskState& state) {
      ++states;
      EXPECT_EQ(lost(state, prefix, kRecipients, host.seen(), GetParam().chunk), Recipients())
          << "after record " << prefix;
    });
  }
  EXPECT_GT(states, 20U);
}

INSTANTIATE_TEST_SUITE_P(Scenes, SendCrash,
                         ::testing::Values(Scene{NameModel::ordered, Pace::fast},
                                           Scene{NameModel::ordered, Pace::slow},
                                           Scene{NameModel::ordered, Pace::local_first},
                                           Scene{NameModel::strict, Pace::fast},
                                           Scene{NameModel::strict, Pace::slow},
                                           Scene{NameModel::strict, Pace::local_first},
                                           Scene{NameModel::ordered, Pace::fast, kShortChunk},
                                           Scene{NameModel::ordered, Pace::slow, kShortChunk},
                                           Scene{NameModel::strict, Pace::slow, kShortChunk}));

class SendCrashRest : public ::testing::TestWithParam<Pace> {};

// If names keep their order, the queue is empty after the restart.
TEST_P(SendCrashRest, NothingStaysBehind) {
  CrashFiles files(queued_state());
  Host host(files, GetParam());
  host.run();
  for (std::size_t prefix = 0; prefix <= files.recorded(); ++prefix) {
    for_each_different_crash(files, prefix, NameModel::ordered, [&](const DiskState& state) {
      CrashFiles disk(state);
      Host restarted(disk, Pace::fast);
      restarted.run();
      for (const auto& [path, text] : disk.now()) {
        ADD_FAILURE() << path << " stays after a cut behind record " << prefix << "\n"
                      << restarted.log();
      }
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Paces, SendCrashRest,
                         ::testing::Values(Pace::fast, Pace::slow, Pace::local_first));

// Bait: without any one of the syncs, a recipient is forgotten after some power failure.
TEST(SendCrashBait, EverySyncCounts) {
  const Recipients recipients = {"good@here.example", "good@b.example", "bad@b.example"};
  CrashFiles whole(queued_state(recipients));
  Host first(whole, Pace::slow);
  first.run();
  // The syncs are those of info, local, remote and their directories, and of bounce and its
  // directory.
  ASSERT_EQ(whole.syncs(), 8);
  for (int sync = 0; sync < whole.syncs(); ++sync) {
    CrashFiles files(queued_state(recipients));
    files.drop_sync(sync);
    Host host(files, Pace::slow);
    host.run();
    bool found = false;
    for (std::size_t prefix = 0; prefix <= files.recorded() && !found; ++prefix) {
      for_each_different_crash(files, prefix, NameModel::strict, [&](const DiskState& state) {
        found = found || !lost(state, prefix, recipients, host.seen()).empty();
      });
    }
    EXPECT_TRUE(found) << "without sync " << sync;
  }
}

}  // namespace
}  // namespace reqmail::send
