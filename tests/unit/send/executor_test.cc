// How qmail-send's executor changes the queue, and when it syncs. (crash_test.cc has power
// failures at every point.)
#include "send/executor.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mail/clean_command.h"
#include "mail/envelope.h"
#include "queue/cleaner.h"
#include "tests/unit/support/crash_files.h"

namespace reqmail::send {
namespace {

using namespace std::string_literals;
using reqmail::testing::CrashFiles;
using reqmail::testing::DiskState;
using reqmail::testing::NameModel;
using scheduler::Channel;
using Clock = SendExecutor::Clock;

const mail::QueueLayout kLayout(23);
const mail::MessageId kId(1000);
const std::string kBody = "Subject: crash\n\nbody\n";
const std::string kTodo = "u7\0p42\0Fs@h\0Tone@me\0Ttwo@x\0Tthree@x\0"s;

// Runs a task as soon as it is submitted; the loop gets its result later.
class Inline final : public sys::Background {
 public:
  void submit(std::unique_ptr<sys::Task> task) override {
    task->work();
    done_.push_back(std::move(task));
  }

  std::vector<std::unique_ptr<sys::Task>> take_done() override {
    return std::exchange(done_, {});
  }

  [[nodiscard]] std::size_t width() const override { return 2; }

  [[nodiscard]] bool any() const { return !done_.empty(); }

 private:
  std::vector<std::unique_ptr<sys::Task>> done_;
};

class Bounces final : public BounceSender {
 public:
  [[nodiscard]] bool full() const override { return done_.size() >= most; }

  bool begin(BounceOrder order) override {
    recipients.push_back(order.mail.envelope_recipient);
    texts += *queue::read_all(*order.paragraphs);
    copies += *queue::read_all(*order.message);
    done_.push_back({order.id, queues, 99});
    return true;
  }

  std::vector<BounceResult> take_done() override {
    return running_for_ever ? std::vector<BounceResult>() : std::exchange(done_, {});
  }

  void hurry() override {}

  std::size_t most = 8;
  bool queues = true;
  bool running_for_ever = false;
  std::vector<std::string> recipients;
  std::string texts;
  std::string copies;

 private:
  std::vector<BounceResult> done_;
};

scheduler::SchedulerConfig config() {
  scheduler::SchedulerConfig config;
  config.concurrency = {{10, 20}};
  config.lifetime = base::Seconds(604800);
  config.split = kLayout.split();
  config.routing.envnoathost = "me";
  config.routing.locals = {"me"};
  return config;
}

// A qmail-send with spawners and a qmail-clean that carry out its orders.
class Machine {
 public:
  explicit Machine(CrashFiles& files)
      : files_(files), executor(config(), {files, kLayout, background_, bounces, {}}) {}

  // The report for a recipient; a recipient without one has a delivery that runs for ever.
  std::map<std::string, std::string> reports;
  // Whether the time of grace passes before the reports come.
  bool slow = false;

  void start() {
    executor.set_time(base::from_epoch(1'700'000'000), steady_);
    executor.list_todo();
    while (executor.start_scan()) {
      executor.background_done();
    }
    executor.handle(scheduler::Started{{{10, 10}}});
    run();
  }

  void run() {
    do {
      while (!executor.exited() && work()) {
      }
      if (slow) {
        steady_ += Clock(5000);
        executor.set_time(base::from_epoch(1'700'000'000), steady_);
        while (work()) {
        }
      }
    } while (report());
  }

  Bounces bounces;

 private:
  bool work() {
    executor.bounces_done();
    bool busy = executor.turns(1000);
    executor.start_syncs();
    if (background_.any()) {
      executor.background_done();
      busy = true;
    }
    for (const Channel channel : scheduler::kChannels) {
      std::string text = std::exchange(executor.output().orders[channel], {});
      while (!text.empty()) {
        take_order(channel, text);
        busy = true;
      }
    }
    std::string commands = std::exchange(executor.output().clean, {});
    while (!commands.empty()) {
      const std::size_t end = commands.find('\0');
      const auto command = mail::parse_clean_command(commands.substr(0, end));
      commands.erase(0, end + 1);
      executor.clean_answered(cleaner_.clean(*command));
      busy = true;
    }
    return busy;
  }

  void take_order(Channel channel, std::string& text) {
    const std::size_t name = text.find('\0', 1);
    const std::size_t sender = text.find('\0', name + 1);
    const std::size_t recipient = text.find('\0', sender + 1);
    EXPECT_EQ(text.substr(1, name - 1), "11/1000");
    EXPECT_EQ(text.substr(name + 1, sender - name - 1), "s@h");
    const std::string to = text.substr(sender + 1, recipient - sender - 1);
    running_.emplace_back(channel, text[0], to);
    text.erase(0, recipient + 1);
  }

  bool report() {
    const auto running = std::exchange(running_, {});
    bool any = false;
    for (const auto& [channel, slot, recipient] : running) {
      const auto found = reports.find(recipient);
      if (found == reports.end()) {
        continue;
      }
      any = true;
      executor.handle(scheduler::Reported{channel, slot + found->second + '\0'});
    }
    return any;
  }

  CrashFiles& files_;
  queue::Cleaner cleaner_{files_, kLayout};
  Inline background_;
  Clock steady_{1000};
  std::vector<std::tuple<Channel, char, std::string>> running_;

 public:
  SendExecutor executor;
};

DiskState queued() {
  return {{"mess/11/1000", kBody}, {"intd/1000", kTodo}, {"todo/1000", kTodo}};
}

TEST(SendExecutor, AFastMessageIsNeverSynced) {
  DiskState disk = queued();
  disk["todo/1000"] = disk["intd/1000"] = "u7\0p42\0Fs@h\0Ttwo@x\0Tthree@x\0"s;
  CrashFiles files(disk);
  Machine machine(files);
  machine.reports = {{"two@x", "Kyes\n"}, {"three@x", "Kyes\n"}};
  machine.start();
  EXPECT_TRUE(files.now().empty());
  EXPECT_EQ(files.syncs(), 0);
}

TEST(SendExecutor, ASlowOneIsSyncedBeforeTodoGoes) {
  CrashFiles files(queued());
  Machine machine(files);
  machine.slow = true;
  machine.start();
  const DiskState now = files.now();
  EXPECT_FALSE(now.contains("todo/1000"));
  EXPECT_EQ(now.at("info/11/1000"), "Fs@h\0"s);
  EXPECT_EQ(now.at("local/11/1000"), "Tone@me\0"s);
  EXPECT_EQ(now.at("remote/11/1000"), "Ttwo@x\0Tthree@x\0"s);
  // The syncs are those of three files and three directories.
  EXPECT_EQ(files.syncs(), 6);
  files.for_each_crash(files.recorded(), NameModel::strict, [&](const DiskState& state) {
    ASSERT_EQ(state.at("info/11/1000"), "Fs@h\0"s);
    ASSERT_EQ(state.at("local/11/1000"), "Tone@me\0"s);
    ASSERT_EQ(state.at("remote/11/1000"), "Ttwo@x\0Tthree@x\0"s);
  });
}

TEST(SendExecutor, AMissingSyncWouldShow) {
  // Bait: without any one of the slow message's syncs, some power failure loses what todo/N
  // had.
  for (int dropped = 0; dropped < 6; ++dropped) {
    CrashFiles files(queued());
    files.drop_sync(dropped);
    Machine machine(files);
    machine.slow = true;
    machine.start();
    bool lost = false;
    files.for_each_crash(files.recorded(), NameModel::strict, [&](const DiskState& state) {
      const bool whole = state.contains("info/11/1000") && state.contains("local/11/1000") &&
                         state.contains("remote/11/1000") &&
                         state.at("info/11/1000") == "Fs@h\0"s &&
                         state.at("local/11/1000") == "Tone@me\0"s &&
                         state.at("remote/11/1000") == "Ttwo@x\0Tthree@x\0"s;
      lost = lost || (!whole && !state.contains("todo/1000"));
    });
    EXPECT_TRUE(lost) << dropped;
  }
}

TEST(SendExecutor, AFailedSyncKeepsTodo) {
  for (int call = 0; call < 20; ++call) {
    CrashFiles broken(queued());
    broken.fail_call(call, EIO);
    Machine machine(broken);
    machine.slow = true;
    machine.start();
    const DiskState now = broken.now();
    const bool there = now.contains("todo/1000") ||
                       (now.contains("info/11/1000") && now.contains("local/11/1000") &&
                        now.contains("remote/11/1000"));
    EXPECT_TRUE(there) << call;
    if (!now.contains("todo/1000")) {
      EXPECT_EQ(now.at("remote/11/1000"), "Ttwo@x\0Tthree@x\0"s) << call;
    }
  }
}

TEST(SendExecutor, TheBounceHasTheFailuresAndTheMessage) {
  CrashFiles files(queued());
  Machine machine(files);
  machine.reports = {{"one@me", "Dno\n"}, {"two@x", "Kyes\n"}, {"three@x", "Dnever\n"}};
  machine.start();
  EXPECT_EQ(machine.bounces.recipients, std::vector<std::string>{"s@h"});
  EXPECT_EQ(machine.bounces.texts, "<one@me>:\nno\n\n<three@x>:\nnever\n\n");
  EXPECT_EQ(machine.bounces.copies, kBody);
  EXPECT_TRUE(files.now().empty());
}

// Returns a queue with six messages that have failed.
DiskState bouncing() {
  DiskState disk;
  for (int id = 1; id <= 6; ++id) {
    const std::string number = std::to_string(id);
    disk["mess/" + number + "/" + number] = kBody;
    disk["info/" + number + "/" + number] = "Fs" + number + "@h\0"s;
    disk["bounce/" + number] = "<r@x>:\nno\n\n";
  }
  return disk;
}

TEST(SendExecutor, BouncesWaitForThoseUnderWay) {
  CrashFiles files(bouncing());
  Machine machine(files);
  machine.bounces.most = 2;
  machine.bounces.running_for_ever = true;
  machine.start();
  EXPECT_EQ(machine.bounces.recipients.size(), 2U);
  machine.bounces.running_for_ever = false;
  machine.run();
  EXPECT_EQ(machine.bounces.recipients.size(), 6U);
  EXPECT_TRUE(files.now().empty());
}

TEST(SendExecutor, AtTheEndOneThatFailsHasTheOthersLeftForTheNextQmailSend) {
  CrashFiles files(bouncing());
  Machine machine(files);
  machine.bounces.most = 2;
  machine.bounces.queues = false;
  machine.bounces.running_for_ever = true;
  machine.start();
  machine.executor.handle(scheduler::Terminate{});
  machine.run();
  EXPECT_FALSE(machine.executor.exited());
  machine.bounces.running_for_ever = false;
  machine.run();
  EXPECT_EQ(machine.bounces.recipients.size(), 2U);
  EXPECT_TRUE(machine.executor.exited());
  EXPECT_EQ(files.now(), bouncing());
}

TEST(RecordReader, ChunksEndWithWholeRecords) {
  std::string text;
  for (int i = 0; i < 2000; ++i) {
    mail::append_record(text, 'T', std::string(static_cast<std::size_t>(i % 200), 'r') + "@x");
  }
  CrashFiles files(DiskState{{"remote/11/1000", text}});
  RecordReader reader(*files.open_read("remote/11/1000"));
  std::string joined;
  for (bool last = false; !last;) {
    auto chunk = reader.next();
    ASSERT_TRUE(chunk);
    ASSERT_EQ(chunk->offset, joined.size());
    ASSERT_TRUE(chunk->records.empty() || chunk->records.back() == '\0');
    joined += chunk->records;
    last = chunk->last;
  }
  EXPECT_EQ(joined, text);
}

TEST(RecordReader, ARecordThatIsTooLongIsAFailure) {
  CrashFiles files(DiskState{{"remote/11/1000", "Ta\0T"s + std::string(kRecordMax, 'r')},
                             {"local/11/1000", "T" + std::string(200'000, 'r') + "\0"s}});
  RecordReader reader(*files.open_read("remote/11/1000"));
  auto chunk = reader.next();
  while (chunk && !chunk->last) {
    chunk = reader.next();
  }
  ASSERT_FALSE(chunk);
  EXPECT_EQ(chunk.error().error, EMSGSIZE);
  RecordReader longer(*files.open_read("local/11/1000"));
  EXPECT_EQ(longer.next()->records.size(), 200'002U);
}

TEST(RecipientComparer, TakesMarksForTheSameAndNothingElse) {
  const auto same = [](const DiskState& disk, const std::vector<std::string>& parts) {
    CrashFiles files(disk);
    RecipientComparer comparer(files, kLayout, kId);
    scheduler::TodoCompared compared{kId};
    for (std::size_t i = 0; i < parts.size(); ++i) {
      scheduler::CompareTodo part{kId, {}, i == 0, i + 1 == parts.size()};
      part.recipients[Channel::remote] = parts[i];
      compared = comparer.compare(part);
    }
    return std::make_pair(compared.same, compared.done[Channel::remote]);
  };
  const std::vector<std::string> parts = {"Ta@x\0"s, "", "Tb@x\0Tc@x\0"s};
  const std::string path = "remote/11/1000";
  using Answer = std::pair<bool, bool>;
  EXPECT_EQ(same({{path, "Ta@x\0Tb@x\0Tc@x\0"s}}, parts), Answer(true, false));
  EXPECT_EQ(same({{path, "Da@x\0Db@x\0Tc@x\0"s}}, parts), Answer(true, false));
  EXPECT_EQ(same({{path, "Da@x\0Db@x\0Dc@x\0"s}}, parts), Answer(true, true));
  EXPECT_EQ(same({}, {""}), Answer(true, true));
  for (const std::string& other :
       {"Ta@x\0Tb@x\0"s, "Ta@x\0Tb@x\0Tc@x\0Td@x\0"s, "Ta@x\0Tb@y\0Tc@x\0"s,
        "Ta@x\0Xb@x\0Tc@x\0"s, "Ta@x\0Tb@x\0Tc@x"s, ""s}) {
    EXPECT_FALSE(same({{path, other}}, parts).first) << other;
  }
  EXPECT_FALSE(same({}, parts).first);
  EXPECT_FALSE(same({{path, ""}}, {""}).first);
}

TEST(SendExecutor, RewritingAfterAFailedSyncLosesNobody) {
  const std::string text = "Ttwo@x\0Dthree@x\0"s;
  for (int call = 0; call < 12; ++call) {
    CrashFiles files(DiskState{{"info/11/1000", "Fs@h\0"s}, {"remote/11/1000", text}});
    files.fail_call(call, ENOSPC);
    scheduler::PerChannel<bool> recipients;
    recipients[Channel::remote] = true;
    const bool first = rewrite_todo_result(files, kLayout, kId, recipients);
    files.fail_call(-1, 0);
    EXPECT_TRUE(first || rewrite_todo_result(files, kLayout, kId, recipients)) << call;
    EXPECT_EQ(files.now(), (DiskState{{"info/11/1000", "Fs@h\0"s}, {"remote/11/1000", text}}))
        << call;
  }
}

}  // namespace
}  // namespace reqmail::send
