// Queue files as qmail-send, qmail-clean and qmail-qread see them.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "mail/clean_command.h"
#include "mail/envelope.h"
#include "mail/queue_names.h"
#include "queue/bounce_log.h"
#include "queue/channel_file.h"
#include "queue/cleaner.h"
#include "queue/janitor.h"
#include "queue/listing.h"
#include "queue/split.h"
#include "queue/todo.h"
#include "tests/unit/support/crash_files.h"

namespace reqmail::queue {
namespace {

using namespace std::string_literals;
using testing::CrashFiles;
using testing::DiskState;

const mail::QueueLayout kLayout(23);
const mail::MessageId kId(145);

DiskState split_queue(std::uint64_t split) {
  DiskState state;
  for (std::uint64_t index = 0; index < split; ++index) {
    for (const mail::QueueKind kind : {mail::QueueKind::mess, mail::QueueKind::info,
                                       mail::QueueKind::local, mail::QueueKind::remote}) {
      state[mail::QueueLayout::subdirectory(kind, index) + "/x"] = "";
    }
  }
  return state;
}

TEST(Layout, SplitIsCounted) {
  for (const std::uint64_t split : {1U, 2U, 22U, 23U, 24U, 211U}) {
    CrashFiles files(split_queue(split));
    EXPECT_EQ(count_split(files).value_or(0), split);
    EXPECT_FALSE(has_holes(files, split));
  }
  CrashFiles none(DiskState{{"mess/x/1", ""}, {"mess/7", "a file"}});
  EXPECT_EQ(count_split(none).value_or(99), 0U);
}

TEST(Layout, HolesAreSeen) {
  auto state = split_queue(30);
  state.erase("mess/7/x");
  CrashFiles files(state);
  EXPECT_EQ(count_split(files).value_or(0), 30U);
  EXPECT_TRUE(has_holes(files, 30));
  state = split_queue(23);
  state.erase("remote/22/x");
  CrashFiles other(state);
  EXPECT_TRUE(has_holes(other, 23));
}

TEST(Layout, SplitTodo) {
  CrashFiles flat(DiskState{{"todo/145", ""}});
  EXPECT_FALSE(todo_is_split(flat));
  CrashFiles split(DiskState{{"todo/0/145", ""}});
  EXPECT_TRUE(todo_is_split(split));
}

// --- Recipients of a channel ---

struct Seen {
  std::vector<std::string> records;
  std::string failure;
};

Seen read_channel(const std::string& text) {
  CrashFiles files(DiskState{{"local/7/145", text}});
  Seen seen;
  auto file = ChannelFile::open(files, "local/7/145");
  EXPECT_TRUE(file);
  for (;;) {
    auto record = file->next();
    if (!record) {
      seen.failure = record.error().text;
      return seen;
    }
    if (!*record) {
      return seen;
    }
    EXPECT_EQ(text[(*record)->offset], (*record)->done ? 'D' : 'T');
    seen.records.push_back(((*record)->done ? "D" : "T") + (*record)->recipient);
  }
}

TEST(ChannelFile, Records) {
  EXPECT_EQ(read_channel("").records, std::vector<std::string>());
  const auto seen = read_channel("Ta@b\0Dc@d\0T\0"s);
  EXPECT_EQ(seen.records, (std::vector<std::string>{"Ta@b", "Dc@d", "T"}));
  EXPECT_EQ(seen.failure, "");
}

TEST(ChannelFile, LongListsAcrossReads) {
  std::string text;
  std::vector<std::string> expected;
  for (int i = 0; i < 3000; ++i) {
    const std::string recipient = std::string(static_cast<std::size_t>(i % 97), 'x') + "@h";
    mail::append_record(text, i % 3 == 0 ? 'D' : 'T', recipient);
    expected.push_back((i % 3 == 0 ? "D" : "T") + recipient);
  }
  mail::append_record(text, 'T', std::string(20000, 'y'));
  expected.push_back("T" + std::string(20000, 'y'));
  const auto seen = read_channel(text);
  EXPECT_EQ(seen.records, expected);
  EXPECT_EQ(seen.failure, "");
}

TEST(ChannelFile, OddRecordsAreLeftOut) {
  using Records = std::vector<std::string>;
  for (const auto& [text, records] : std::vector<std::pair<std::string, Records>>{
           {"Ta\0Xb\0Dc\0"s, {"Ta", "Dc"}},
           {"\0Ta\0\0\0Tb\0"s, {"Ta", "Tb"}},
           {"Xa\0"s, {}},
           {"Ta\0Tb@c"s, {"Ta"}},
           {"T"s, {}},
           {"X" + std::string(20000, 'x') + "\0Ta\0"s, {"Ta"}}}) {
    const auto seen = read_channel(text);
    EXPECT_EQ(seen.records, records);
    EXPECT_EQ(seen.failure, "");
  }
}

TEST(ChannelFile, MarksInPlace) {
  CrashFiles files(DiskState{{"local/7/145", "Ta@b\0Tc@d\0Te@f\0"s}});
  ASSERT_TRUE(mark_done(**files.open_write("local/7/145"), 5));
  EXPECT_EQ(files.now()["local/7/145"], "Ta@b\0Dc@d\0Te@f\0"s);
  EXPECT_EQ(files.syncs(), 0);
}

// --- Pieces ---

// A file whose size may differ from its contents, and which counts the calls that read it.
class OddFile final : public File {
 public:
  OddFile(std::uint64_t size, std::string text) : size_(size), text_(std::move(text)) {}

  Result<void> write(std::string_view) override { return {}; }

  Result<void> write_at(std::uint64_t, std::string_view) override { return {}; }

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    ++reads;
    const std::size_t count = std::min({size, most, text_.size()});
    text_.copy(buffer, count);
    text_.erase(0, count);
    return count;
  }

  Result<void> sync() override { return {}; }

  void begin_writeback() override {}

  Result<FileStatus> status() override {
    FileStatus status;
    status.size = size_;
    return status;
  }

  int reads = 0;
  // The largest number of bytes that one call returns.
  std::size_t most = 1000;

 private:
  std::uint64_t size_;
  std::string text_;
};

TEST(Pieces, AFileOfKnownSizeIsReadByOneCall) {
  OddFile file(5, "12345");
  EXPECT_EQ(*read_all(file), "12345");
  EXPECT_EQ(file.reads, 1);
  OddFile empty(0, "");
  EXPECT_EQ(*read_all(empty), "");
  EXPECT_EQ(empty.reads, 1);
}

TEST(Pieces, TheSizeIsNoPromise) {
  OddFile grown(5, "1234567");
  EXPECT_EQ(*read_all(grown), "1234567");
  OddFile shrunk(5, "123");
  EXPECT_EQ(*read_all(shrunk), "123");
  OddFile in_drops(5, "12345");
  in_drops.most = 2;
  EXPECT_EQ(*read_all(in_drops), "12345");
}

TEST(Pieces, EachHasALimit) {
  OddFile file(5, "12345");
  PieceReader reader(file);
  std::string text = "0";
  EXPECT_TRUE(*reader.append(text, 3));
  EXPECT_EQ(text, "0123");
  EXPECT_FALSE(*reader.append(text, 3));
  EXPECT_EQ(text, "012345");
  EXPECT_EQ(file.reads, 2);
}

// --- Preprocessing ---

TEST(Todo, ResultReplacesLeftovers) {
  CrashFiles files(
      DiskState{{"info/7/145", "old"}, {"local/7/145", "old"}, {"remote/7/145", "old"}});
  TodoResult result;
  result.info = mail::info_record("s");
  result.remote = "Tr\0"s;
  EXPECT_FALSE(TodoResultWriter(files, kLayout, kId).write(result));
  EXPECT_EQ(files.now(), (DiskState{{"info/7/145", "Fs\0"s}, {"remote/7/145", "Tr\0"s}}));
  EXPECT_EQ(files.syncs(), 0);
}

TEST(Todo, TroubleNamesTheFile) {
  TodoResult result;
  result.info = mail::info_record("s");
  result.remote = "Tr\0"s;
  const std::pair<int, const char*> rows[] = {
      {0, "unable to unlink local/7/145"},    {1, "unable to create info/7/145"},
      {2, "trouble writing to info/7/145"},   {3, "unable to create remote/7/145"},
      {4, "trouble writing to remote/7/145"},
  };
  for (const auto& [call, text] : rows) {
    CrashFiles files;
    files.fail_call(call, EACCES);
    const auto trouble = TodoResultWriter(files, kLayout, kId).write(result);
    ASSERT_TRUE(trouble);
    EXPECT_EQ(trouble->text, text);
    EXPECT_EQ(trouble->error, EACCES);
  }
}

TEST(Todo, ResultInParts) {
  CrashFiles files(DiskState{{"local/7/145", "old"}, {"remote/7/145", "old"}});
  TodoResultWriter writer(files, kLayout, kId);
  EXPECT_FALSE(writer.write({mail::info_record("s"), "", "Tr\0"s}));
  EXPECT_FALSE(writer.write({"", "", "Tq\0"s}));
  EXPECT_FALSE(files.status("local/7/145"));
  EXPECT_FALSE(writer.write({"", "Tl\0"s, ""}));
  EXPECT_FALSE(writer.write({"", "Tm\0"s, "To\0"s}));
  EXPECT_EQ(files.now(), (DiskState{{"info/7/145", "Fs\0"s},
                                    {"local/7/145", "Tl\0Tm\0"s},
                                    {"remote/7/145", "Tr\0Tq\0To\0"s}}));
  writer.remove();
  EXPECT_EQ(files.now(), DiskState());
}

TEST(Todo, LooksForNoLeftoversOfANumberThatIsNew) {
  CrashFiles fresh;
  EXPECT_FALSE(
      TodoResultWriter(fresh, kLayout, kId, true).write({mail::info_record("s"), "", "Tr\0"s}));
  // The calls make and write two files.
  EXPECT_EQ(fresh.calls(), 4);
  CrashFiles after_all(DiskState{{"info/7/145", "old"}, {"local/7/145", "old"}});
  EXPECT_FALSE(TodoResultWriter(after_all, kLayout, kId, true)
                   .write({mail::info_record("s"), "", "Tr\0"s}));
  EXPECT_EQ(after_all.now(), (DiskState{{"info/7/145", "Fs\0"s}, {"remote/7/145", "Tr\0"s}}));
}

TEST(Todo, GivesTheListsThatItHasMade) {
  CrashFiles files;
  TodoResultWriter writer(files, kLayout, kId);
  EXPECT_FALSE(writer.write({mail::info_record("s"), "Tl\0"s, ""}));
  EXPECT_EQ(writer.take(mail::QueueKind::remote), nullptr);
  const auto list = writer.take(mail::QueueKind::local);
  ASSERT_NE(list, nullptr);
  EXPECT_TRUE(mark_done(*list, 0));
  EXPECT_EQ(files.now()["local/7/145"], "Dl\0"s);
}

TEST(Todo, SyncsOneDirectoryForManyMessages) {
  CrashFiles files(DiskState{{"info/7/145", "Fs\0"s},
                             {"info/7/168", "Fs\0"s},
                             {"local/7/145", "Ta\0"s},
                             {"local/7/168", "Ta\0"s}});
  const mail::MessageId other(168);
  const auto synced =
      sync_todo_results(files, kLayout, {{kId, true, false}, {other, true, false}});
  EXPECT_EQ(synced, (std::vector<mail::MessageId>{kId, other}));
  EXPECT_EQ(files.syncs(), 6);  // four files, two directories
}

TEST(Todo, FailedSyncsNameNoMessage) {
  for (int call = 0; call < 6; ++call) {
    CrashFiles files(
        DiskState{{"info/7/145", "Fs\0"s}, {"info/8/146", "Fs\0"s}, {"local/7/145", "Ta\0"s}});
    const mail::MessageId other(146);
    files.fail_call(call, EIO);
    const auto synced =
        sync_todo_results(files, kLayout, {{kId, true, false}, {other, false, false}});
    // The calls are info/7/145 local/7/145 info/8/146, then info/7 info/8 local/7.
    const bool of_other = call == 2 || call == 4;
    EXPECT_EQ(synced, std::vector<mail::MessageId>{of_other ? kId : other}) << call;
  }
}

TEST(Todo, FinishedMessagesCountAsSynced) {
  CrashFiles files;
  EXPECT_EQ(sync_todo_results(files, kLayout, {{kId, true, true}}).size(), 1U);
}

// --- Bounces ---

TEST(BounceLog, AppendsAndSyncs) {
  CrashFiles files;
  ASSERT_TRUE(append_bounce(files, kLayout, kId, "one\n"));
  ASSERT_TRUE(append_bounce(files, kLayout, kId, "two\n"));
  EXPECT_EQ(files.now(), (DiskState{{"bounce/145", "one\ntwo\n"}}));
  EXPECT_EQ(files.syncs(), 4);
  ASSERT_TRUE(open_bounce(files, kLayout, kId));
  ASSERT_TRUE(remove_bounce(files, kLayout, kId));
  ASSERT_TRUE(remove_bounce(files, kLayout, kId));
  EXPECT_EQ(open_bounce(files, kLayout, kId).error().error, ENOENT);
}

TEST(BounceLog, EveryFailureIsTold) {
  for (int call = 0; call < 4; ++call) {
    CrashFiles files;
    files.fail_call(call, ENOSPC);
    EXPECT_FALSE(append_bounce(files, kLayout, kId, "one\n")) << call;
  }
}

// --- qmail-clean ---

TEST(Cleaner, RemovesItsOwnFilesOnly) {
  const DiskState all = {{"mess/7/145", ""}, {"mess/7/145.dsn", ""}, {"intd/145", ""},
                         {"todo/145", ""},   {"info/7/145", ""},     {"intd/146", ""}};
  CrashFiles foop(all);
  EXPECT_EQ(Cleaner(foop, kLayout).clean({mail::CleanKind::foop, kId}), '+');
  EXPECT_EQ(foop.now(), (DiskState{{"todo/145", ""}, {"info/7/145", ""}, {"intd/146", ""}}));
  CrashFiles todo(all);
  EXPECT_EQ(Cleaner(todo, kLayout).clean({mail::CleanKind::todo, kId}), '+');
  EXPECT_EQ(
      todo.now(),
      (DiskState{
          {"mess/7/145", ""}, {"mess/7/145.dsn", ""}, {"info/7/145", ""}, {"intd/146", ""}}));
  EXPECT_EQ(Cleaner(todo, kLayout).clean({mail::CleanKind::todo, kId}), '+');
  for (const int call : {0, 1, 2}) {
    CrashFiles files(all);
    files.fail_call(call, EACCES);
    EXPECT_EQ(Cleaner(files, kLayout).clean({mail::CleanKind::foop, kId}), '!');
  }
}

const mail::CleanCommand kTodoOf = {mail::CleanKind::todo, kId};
const mail::CleanCommand kFoopOf = {mail::CleanKind::foop, kId};

TEST(Cleaner, LooksForNothingThatIsKnownToBeGone) {
  CrashFiles files({{"mess/7/145", ""}, {"intd/145", ""}, {"todo/145", ""}});
  Cleaner cleaner(files, kLayout);
  EXPECT_EQ(cleaner.clean(kTodoOf), '+');
  EXPECT_EQ(files.calls(), 2);
  EXPECT_EQ(cleaner.clean(kFoopOf), '+');
  EXPECT_EQ(files.calls(), 3);
  EXPECT_TRUE(files.now().empty());
  // The number may be that of another message now.
  EXPECT_EQ(cleaner.clean(kFoopOf), '+');
  EXPECT_EQ(files.calls(), 6);
}

TEST(Cleaner, WhatItHasNotSeenItLooksFor) {
  // Without intd/N a message has wishes of the sender, or an earlier process has removed it.
  CrashFiles files({{"mess/7/145", ""}, {"mess/7/145.dsn", ""}, {"todo/145", ""}});
  Cleaner cleaner(files, kLayout);
  EXPECT_EQ(cleaner.clean(kTodoOf), '+');
  EXPECT_EQ(cleaner.clean(kFoopOf), '+');
  EXPECT_TRUE(files.now().empty());
}

TEST(Cleaner, AnOlderMessageOfTheNumberDoesNotCount) {
  CrashFiles files({{"intd/145", ""}, {"todo/145", ""}});
  Cleaner cleaner(files, kLayout);
  EXPECT_EQ(cleaner.clean(kTodoOf), '+');
  for (const char* path : {"todo/145", "mess/7/145", "mess/7/145.dsn"}) {
    ASSERT_TRUE(files.create(path, 0644));
  }
  EXPECT_EQ(cleaner.clean(kTodoOf), '+');
  EXPECT_EQ(cleaner.clean(kFoopOf), '+');
  EXPECT_TRUE(files.now().empty());
}

TEST(Cleaner, AMessageThatCouldNotBeRemovedIsStillKnown) {
  CrashFiles files({{"mess/7/145", ""}, {"intd/145", ""}, {"todo/145", ""}});
  Cleaner cleaner(files, kLayout);
  EXPECT_EQ(cleaner.clean(kTodoOf), '+');
  files.fail_call(files.calls(), EIO);
  EXPECT_EQ(cleaner.clean(kFoopOf), '!');
  EXPECT_EQ(cleaner.clean(kFoopOf), '+');
  EXPECT_EQ(files.calls(), 4);
  EXPECT_TRUE(files.now().empty());
}

// --- Unfinished files ---

TEST(Janitor, AgesAndStates) {
  const base::Time now = base::from_epoch(1'700'000'000);
  const auto leftover = [&](const DiskState& state, base::Seconds age) {
    CrashFiles files(state);
    files.set_accessed(now - age);
    return is_leftover(files, kLayout, kId, now);
  };
  const base::Seconds old = kOssified + base::Seconds(1);
  EXPECT_TRUE(leftover({{"mess/7/145", ""}}, old));
  EXPECT_TRUE(leftover({{"mess/7/145", ""}, {"intd/145", ""}}, old));
  EXPECT_FALSE(leftover({{"mess/7/145", ""}}, kOssified));
  EXPECT_FALSE(leftover({{"mess/7/145", ""}}, base::Seconds(-5)));
  EXPECT_FALSE(leftover({{"mess/7/145", ""}, {"todo/145", ""}}, old));
  EXPECT_FALSE(leftover({{"mess/7/145", ""}, {"info/7/145", ""}}, old));
  EXPECT_FALSE(leftover({}, old));
}

TEST(Janitor, SweepsPid) {
  const base::Time now = base::from_epoch(1'700'000'000);
  CrashFiles files(DiskState{{"pid/1.2.1", ""}, {"pid/odd", ""}, {"todo/145", ""}});
  files.set_accessed(now - kOssified);
  EXPECT_TRUE(sweep_pid_files(files, now));
  EXPECT_EQ(files.now().size(), 3U);
  files.set_accessed(now - kOssified - base::Seconds(1));
  EXPECT_TRUE(sweep_pid_files(files, now));
  EXPECT_EQ(files.now(), (DiskState{{"todo/145", ""}}));
}

// --- Listing ---

TEST(Listing, States) {
  const auto state = [](const DiskState& disk) {
    CrashFiles files(disk);
    return state_of(files, kLayout, kId);
  };
  EXPECT_EQ(state({}), State::s1);
  EXPECT_EQ(state({{"mess/7/145", ""}}), State::s2);
  EXPECT_EQ(state({{"mess/7/145", ""}, {"intd/145", ""}}), State::s3);
  EXPECT_EQ(state({{"mess/7/145", ""}, {"todo/145", ""}, {"info/7/145", ""}}), State::s4);
  EXPECT_EQ(state({{"mess/7/145", ""}, {"info/7/145", ""}}), State::s5);
  EXPECT_EQ(state({{"todo/145", ""}}), State::broken);
  EXPECT_EQ(state({{"info/7/145", ""}}), State::broken);
}

TEST(Listing, MessagesInOrder) {
  CrashFiles files(DiskState{{"info/7/145", "Fs\0"s}, {"info/7/30", ""}, {"info/7/x", ""}});
  const auto ids = list_numbers(files, mail::QueueKind::info, 7);
  ASSERT_TRUE(ids);
  EXPECT_EQ(*ids, (std::vector<mail::MessageId>{mail::MessageId(30), kId}));
}

TEST(Listing, OneMessage) {
  DiskState disk = {{"mess/7/145", "12345"}, {"info/7/145", "Fs@a\0"s}};
  CrashFiles files(disk);
  auto message = list_message(files, kLayout, kId);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->size, 5U);
  EXPECT_EQ(message->sender, "s@a");
  EXPECT_FALSE(message->bouncing);
  disk["bounce/145"] = "";
  CrashFiles bouncing(disk);
  EXPECT_TRUE(list_message(bouncing, kLayout, kId)->bouncing);
  disk["info/7/145"] = "xs@b\0"s;
  CrashFiles odd(disk);
  EXPECT_EQ(list_message(odd, kLayout, kId)->sender, "s@b");
  for (const std::string& info : {""s, "\0"s, "Fs"s}) {
    disk["info/7/145"] = info;
    CrashFiles broken(disk);
    EXPECT_FALSE(list_message(broken, kLayout, kId)) << info;
  }
}

}  // namespace
}  // namespace reqmail::queue
