// Power failures at every point of a message's life, which the product's own code runs.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <string>

#include "mail/clean_command.h"
#include "mail/envelope.h"
#include "mail/verdict_codec.h"
#include "queue/accept.h"
#include "queue/bounce_log.h"
#include "queue/channel_file.h"
#include "queue/cleaner.h"
#include "queue/janitor.h"
#include "queue/listing.h"
#include "queue/todo.h"
#include "sys/signals.h"
#include "tests/unit/support/crash_files.h"

namespace reqmail::queue {
namespace {

using namespace std::string_literals;
using testing::CrashFiles;
using testing::DiskState;
using testing::NameModel;

const mail::QueueLayout kLayout(23);
const mail::MessageId kId(1000);
const std::string kBody = "Subject: crash\n\n" + std::string(3000, 'x') + "\nEND\n";
const std::string kEnvelope = "Fs@a.example\0Tone@b.example\0Ttwo@c.example\0\0"s;
const std::string kTodo = "u7\0p42\0Fs@a.example\0Tone@b.example\0Ttwo@c.example\0"s;

class TextSource final : public Source {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)) {}

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    // The pieces are small, so that the message needs several reads.
    const std::size_t count = std::min({size, text_.size() - at_, std::size_t{700}});
    std::memcpy(buffer, text_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

const std::string kWishes = "RET=HDRS\nNOTIFY=NEVER\tone@b.example\n";

int queue_message(CrashFiles& files, const std::string& wishes = {}) {
  TextSource message(kBody);
  TextSource envelope(kEnvelope);
  Submission submission;
  submission.pid = 42;
  submission.uid = 7;
  submission.now = base::from_epoch(1'700'000'000);
  submission.dsn = wishes;
  return accept(files, kLayout, message, envelope, submission);
}

std::string mess_text() {
  return mail::queue_received(42, mail::QueueCaller::user, 7, base::from_epoch(1'700'000'000)) +
         kBody;
}

bool has(const DiskState& state, mail::QueueKind kind) {
  return state.count(kLayout.path(kind, kId)) != 0;
}

std::string text_of(const DiskState& state, mail::QueueKind kind) {
  const auto found = state.find(kLayout.path(kind, kId));
  return found == state.end() ? std::string() : found->second;
}

// Returns whether the state is legal for a queue at any time.
bool is_lawful(const DiskState& state) {
  return !has(state, mail::QueueKind::todo) ||
         (text_of(state, mail::QueueKind::mess) == mess_text() &&
          text_of(state, mail::QueueKind::todo) == kTodo);
}

void expect_lawful(const DiskState& state) {
  EXPECT_TRUE(is_lawful(state));
}

class Crash : public ::testing::TestWithParam<NameModel> {};

TEST_P(Crash, QueueingLeavesAMessageAbsentOrWhole) {
  CrashFiles files;
  ASSERT_EQ(queue_message(files), 0);
  std::size_t states = 0;
  for (std::size_t prefix = 0; prefix <= files.recorded(); ++prefix) {
    files.for_each_crash(prefix, GetParam(), [&](const DiskState& state) {
      ++states;
      expect_lawful(state);
      if (prefix == files.recorded()) {
        EXPECT_TRUE(has(state, mail::QueueKind::todo)) << "acknowledged and lost";
      }
    });
  }
  EXPECT_GT(states, 30U);
}

TEST_P(Crash, WhatTheSenderWantsIsThereWithTheMessage) {
  CrashFiles files;
  ASSERT_EQ(queue_message(files, kWishes), 0);
  const std::string path = kLayout.dsn_path(kId);
  EXPECT_EQ(files.now().at(path), kWishes);
  EXPECT_FALSE(has(files.now(), mail::QueueKind::intd)) << "qmail-clean would not look for it";
  for (std::size_t prefix = 0; prefix <= files.recorded(); ++prefix) {
    files.for_each_crash(prefix, GetParam(), [&](const DiskState& state) {
      expect_lawful(state);
      if (has(state, mail::QueueKind::todo)) {
        const auto wishes = state.find(path);
        ASSERT_NE(wishes, state.end());
        EXPECT_EQ(wishes->second, kWishes);
      }
    });
  }
  for (int call = 0; call < files.calls(); ++call) {
    CrashFiles broken;
    broken.fail_call(call, EIO);
    const int code = queue_message(broken, kWishes);
    EXPECT_TRUE(code == 0 || broken.now().empty()) << call;
    EXPECT_EQ(code == 0, has(broken.now(), mail::QueueKind::todo)) << call;
  }
  EXPECT_EQ(Cleaner(files, kLayout).clean({mail::CleanKind::todo, kId}), mail::kCleanDone);
  EXPECT_TRUE(files.now().contains(path));
  EXPECT_EQ(Cleaner(files, kLayout).clean({mail::CleanKind::foop, kId}), mail::kCleanDone);
  EXPECT_TRUE(files.now().empty());
}

TEST(Accept, WishesOfAnEarlierMessageOfTheNumberAreReplaced) {
  // The file that is there has the number before that of the message.
  const std::string path = kLayout.dsn_path(mail::MessageId(kId.number() + 1));
  CrashFiles files(DiskState{{path, "old"}});
  ASSERT_EQ(queue_message(files, kWishes), 0);
  EXPECT_EQ(files.now().at(path), kWishes);
}

// The last byte of this source comes together with the alarm.
class LateSource final : public Source {
 public:
  Result<std::size_t> read(char* buffer, std::size_t size) override {
    sys::interrupt_on_signal(SIGALRM);
    EXPECT_EQ(::raise(SIGALRM), 0);
    std::memcpy(buffer, kEnvelope.data(), std::min(size, kEnvelope.size()));
    return kEnvelope.size();
  }
};

TEST(Accept, NoTodoAfterTheAlarm) {
  const auto queue_late = [] {
    CrashFiles files;
    TextSource message(kBody);
    LateSource envelope;
    const int code = accept(files, kLayout, message, envelope, Submission());
    ::_exit(files.now().empty() ? code : 1);
  };
  EXPECT_EXIT(queue_late(), ::testing::ExitedWithCode(mail::queue_exit::kTimeout), "");
}

TEST_P(Crash, EveryFailingCallIsToldAndUndone) {
  CrashFiles whole;
  ASSERT_EQ(queue_message(whole), 0);
  for (int call = 0; call < whole.calls(); ++call) {
    CrashFiles files;
    files.fail_call(call, EIO);
    const int code = queue_message(files);
    const DiskState now = files.now();
    if (code == 0) {
      // If the name in pid/ could not be removed, there is no other effect.
      EXPECT_EQ(now.size(), whole.now().size() + 1);
      continue;
    }
    EXPECT_TRUE(code == 53 || (code >= 63 && code <= 66)) << code;
    EXPECT_TRUE(now.empty()) << "call " << call << " left " << now.begin()->first;
    for (std::size_t prefix = 0; prefix <= files.recorded(); ++prefix) {
      files.for_each_crash(prefix, GetParam(), expect_lawful);
    }
  }
}

TEST_P(Crash, TodoDirectoryThatFailsTwiceKeepsTheMessageWhole) {
  // Syncs of todo fail permanently. The link may have reached the disk, so mess/N and intd/N
  // must be kept.
  class Broken final : public Files {
   public:
    explicit Broken(CrashFiles& files) : files_(files) {}

    Result<std::unique_ptr<File>> create(const std::string& path, mode_t mode) override {
      return files_.create(path, mode);
    }

    Result<std::unique_ptr<File>> open_append(const std::string& path) override {
      return files_.open_append(path);
    }

    Result<std::unique_ptr<File>> open_write(const std::string& path) override {
      return files_.open_write(path);
    }

    Result<std::unique_ptr<File>> open_read(const std::string& path) override {
      return files_.open_read(path);
    }

    Result<void> link(const std::string& from, const std::string& to) override {
      return files_.link(from, to);
    }

    Result<void> rename(const std::string& from, const std::string& to) override {
      return files_.rename(from, to);
    }

    Result<void> unlink(const std::string& path) override { return files_.unlink(path); }

    Result<void> sync_directory(const std::string& path) override {
      if (path == "todo") {
        return temporary("broken", EIO);
      }
      return files_.sync_directory(path);
    }

    Result<FileStatus> status(const std::string& path) override { return files_.status(path); }

    Result<std::vector<std::string>> list(const std::string& path) override {
      return files_.list(path);
    }

    Result<std::unique_ptr<Directory>> open_directory(const std::string& path) override {
      return files_.open_directory(path);
    }

    Result<void> set_times(const std::string& path, base::Time time) override {
      return files_.set_times(path, time);
    }

   private:
    CrashFiles& files_;
  };

  CrashFiles files;
  Broken broken(files);
  TextSource message(kBody);
  TextSource envelope(kEnvelope);
  Submission submission{42, 7, mail::QueueCaller::user, base::from_epoch(1'700'000'000)};
  EXPECT_EQ(accept(broken, kLayout, message, envelope, submission), 66);
  EXPECT_FALSE(has(files.now(), mail::QueueKind::todo));
  EXPECT_TRUE(has(files.now(), mail::QueueKind::mess));
  for (std::size_t prefix = 0; prefix <= files.recorded(); ++prefix) {
    files.for_each_crash(prefix, GetParam(), expect_lawful);
  }
}

TEST_P(Crash, JanitorsLeaveNothingOfWhatWasNeverQueued) {
  CrashFiles files;
  ASSERT_EQ(queue_message(files), 0);
  const base::Time later = base::from_epoch(1'700'000'000) + kOssified + base::Seconds(1);
  for (std::size_t prefix = 0; prefix <= files.recorded(); ++prefix) {
    files.for_each_crash(prefix, GetParam(), [&](const DiskState& state) {
      CrashFiles disk(state);
      disk.set_accessed(base::from_epoch(1'700'000'000));
      (void)sweep_pid_files(disk, later).has_value();
      if (is_leftover(disk, kLayout, kId, later)) {
        EXPECT_FALSE(has(state, mail::QueueKind::todo));
        EXPECT_EQ(Cleaner(disk, kLayout).clean({mail::CleanKind::foop, kId}), mail::kCleanDone);
      }
      if (has(state, mail::QueueKind::todo)) {
        EXPECT_EQ(state_of(disk, kLayout, kId), State::s4);
      } else if (has(state, mail::QueueKind::mess)) {
        EXPECT_EQ(state_of(disk, kLayout, kId), State::s1);
      }
      for (const auto& [path, text] : disk.now()) {
        EXPECT_NE(path.substr(0, 4), "pid/");
      }
    });
  }
}

// --- Preprocessing, deliveries, the end of a message ---

const std::string kFailed = "<two@c.example>:\nno such user\n\n";

TodoResult todo_result() {
  TodoResult result;
  result.info = mail::info_record("s@a.example");
  mail::append_record(result.local, 'T', "one@b.example");
  mail::append_record(result.remote, 'T', "two@c.example");
  return result;
}

DiskState queued_state() {
  return {{kLayout.path(mail::QueueKind::mess, kId), mess_text()},
          {kLayout.path(mail::QueueKind::intd, kId), kTodo},
          {kLayout.path(mail::QueueKind::todo, kId), kTodo}};
}

// Events outside the queue, each with the number of the disk's last record.
struct Story {
  std::size_t one_delivered = SIZE_MAX;
  std::size_t bounced = SIZE_MAX;
};

std::set<std::string> open_recipients(const std::string& records) {
  std::set<std::string> open;
  mail::RecordParser parser(records);
  while (const auto record = parser.next()) {
    if (record->letter == 'T') {
      open.insert(std::string(record->value));
    }
  }
  return open;
}

// Returns the recipients who will still be tried if qmail-send starts on this disk and
// preprocesses again where todo/N exists. (tests/unit/send/crash_test.cc runs qmail-send
// itself.)
std::set<std::string> owed(const DiskState& state) {
  if (text_of(state, mail::QueueKind::mess) != mess_text()) {
    return {};
  }
  if (has(state, mail::QueueKind::todo)) {
    return open_recipients(kTodo);
  }
  if (text_of(state, mail::QueueKind::info) != todo_result().info) {
    return {};
  }
  std::set<std::string> open = open_recipients(text_of(state, mail::QueueKind::local));
  open.merge(open_recipients(text_of(state, mail::QueueKind::remote)));
  return open;
}

// Returns the recipients who will not be tried again and whose mail was neither delivered nor
// bounced.
std::set<std::string> lost(const DiskState& state, std::size_t prefix, const Story& story) {
  std::set<std::string> missing;
  const auto open = owed(state);
  if (open.count("one@b.example") == 0 && prefix <= story.one_delivered) {
    missing.insert("one@b.example");
  }
  const bool told =
      text_of(state, mail::QueueKind::bounce).find(kFailed) != std::string::npos &&
      (has(state, mail::QueueKind::info) || has(state, mail::QueueKind::todo)) &&
      has(state, mail::QueueKind::mess);
  if (open.count("two@c.example") == 0 && !told && prefix <= story.bounced) {
    missing.insert("two@c.example");
  }
  return missing;
}

// Runs a message with two recipients, of whom one is delivered and the other bounces. If
// `synced_first` is true, todo/N is removed before the deliveries end; otherwise the message is
// finished first.
Story live(CrashFiles& files, bool synced_first) {
  Story story;
  const TodoResult result = todo_result();
  EXPECT_FALSE(TodoResultWriter(files, kLayout, kId).write(result));
  const auto preprocess = [&] {
    EXPECT_EQ(sync_todo_results(files, kLayout, {{kId, true, true}}).size(), 1U);
    EXPECT_EQ(Cleaner(files, kLayout).clean({mail::CleanKind::todo, kId}), mail::kCleanDone);
  };
  if (synced_first) {
    preprocess();
  }
  story.one_delivered = files.recorded();
  EXPECT_TRUE(mark_done(**files.open_write(kLayout.path(mail::QueueKind::local, kId)), 0));
  EXPECT_TRUE(append_bounce(files, kLayout, kId, kFailed));
  EXPECT_TRUE(mark_done(**files.open_write(kLayout.path(mail::QueueKind::remote, kId)), 0));
  story.bounced = files.recorded();
  if (!synced_first) {
    EXPECT_EQ(Cleaner(files, kLayout).clean({mail::CleanKind::todo, kId}), mail::kCleanDone);
  }
  EXPECT_TRUE(files.unlink(kLayout.path(mail::QueueKind::local, kId)));
  EXPECT_TRUE(files.unlink(kLayout.path(mail::QueueKind::remote, kId)));
  EXPECT_TRUE(remove_bounce(files, kLayout, kId));
  EXPECT_TRUE(files.unlink(kLayout.path(mail::QueueKind::info, kId)));
  EXPECT_EQ(Cleaner(files, kLayout).clean({mail::CleanKind::foop, kId}), mail::kCleanDone);
  return story;
}

TEST_P(Crash, NoRecipientIsLostWhenSyncedFirst) {
  CrashFiles files(queued_state());
  const Story story = live(files, true);
  EXPECT_TRUE(files.now().empty());
  for (std::size_t prefix = 0; prefix <= files.recorded(); ++prefix) {
    files.for_each_crash(prefix, GetParam(), [&](const DiskState& state) {
      EXPECT_TRUE(lost(state, prefix, story).empty()) << "after " << prefix;
    });
  }
}

TEST_P(Crash, NoRecipientIsLostWhenFinishedFirst) {
  CrashFiles files(queued_state());
  const Story story = live(files, false);
  EXPECT_TRUE(files.now().empty());
  for (std::size_t prefix = 0; prefix <= files.recorded(); ++prefix) {
    files.for_each_crash(prefix, GetParam(), [&](const DiskState& state) {
      EXPECT_TRUE(lost(state, prefix, story).empty()) << "after " << prefix;
    });
  }
}

TEST(CrashOrdered, TodoNeverStandsWithoutItsMessage) {
  for (const bool synced_first : {true, false}) {
    CrashFiles files(queued_state());
    (void)live(files, synced_first);
    for (std::size_t prefix = 0; prefix <= files.recorded(); ++prefix) {
      files.for_each_crash(prefix, NameModel::ordered, expect_lawful);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Crash,
                         ::testing::Values(NameModel::ordered, NameModel::strict),
                         [](const auto& info) {
                           return info.param == NameModel::ordered ? "ordered" : "strict";
                         });

// --- Bait: each sync of the code is necessary for one of the tests above ---

TEST(CrashBait, EverySyncOfTheWriterCounts) {
  CrashFiles whole;
  ASSERT_EQ(queue_message(whole), 0);
  ASSERT_EQ(whole.syncs(), 4);
  for (int sync = 0; sync < whole.syncs(); ++sync) {
    CrashFiles files;
    files.drop_sync(sync);
    ASSERT_EQ(queue_message(files), 0);
    bool found = false;
    for (std::size_t prefix = 0; prefix <= files.recorded(); ++prefix) {
      files.for_each_crash(prefix, NameModel::strict, [&](const DiskState& state) {
        found = found || !is_lawful(state) ||
                (prefix == files.recorded() && !has(state, mail::QueueKind::todo));
      });
    }
    EXPECT_TRUE(found) << "without sync " << sync;
  }
}

TEST(CrashBait, EverySyncOfPreprocessingAndBouncesCounts) {
  CrashFiles whole(queued_state());
  (void)live(whole, true);
  ASSERT_EQ(whole.syncs(), 8);
  for (int sync = 0; sync < whole.syncs(); ++sync) {
    CrashFiles files(queued_state());
    files.drop_sync(sync);
    const Story story = live(files, true);
    bool found = false;
    for (std::size_t prefix = 0; prefix <= files.recorded(); ++prefix) {
      files.for_each_crash(prefix, NameModel::strict, [&](const DiskState& state) {
        found = found || !lost(state, prefix, story).empty();
      });
    }
    EXPECT_TRUE(found) << "without sync " << sync;
  }
}

// The model itself must lose what was not synced, or the tests above would prove nothing.
TEST(CrashModel, UnsyncedNamesAndDataGo) {
  CrashFiles files;
  auto file = files.create("todo/1", 0600);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write("text"));
  std::set<std::string> seen;
  bool absent = false;
  files.for_each_crash(files.recorded(), NameModel::ordered, [&](const DiskState& state) {
    absent = absent || state.empty();
    for (const auto& [path, text] : state) {
      seen.insert(text);
    }
  });
  EXPECT_TRUE(absent);
  EXPECT_EQ(seen, (std::set<std::string>{"", "te", "text"}));
}

TEST(CrashModel, SyncOfAFileCommitsNamesInOrderOnly) {
  CrashFiles files;
  auto file = files.create("todo/1", 0600);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write("text"));
  ASSERT_TRUE((*file)->sync());
  bool absent = false;
  files.for_each_crash(files.recorded(), NameModel::ordered,
                       [&](const DiskState& state) { absent = absent || state.empty(); });
  EXPECT_FALSE(absent);
  files.for_each_crash(files.recorded(), NameModel::strict,
                       [&](const DiskState& state) { absent = absent || state.empty(); });
  EXPECT_TRUE(absent);
  ASSERT_TRUE(files.sync_directory("todo"));
  files.for_each_crash(files.recorded(), NameModel::strict, [](const DiskState& state) {
    EXPECT_EQ(state, (DiskState{{"todo/1", "text"}}));
  });
}

}  // namespace
}  // namespace reqmail::queue
