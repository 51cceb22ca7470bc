// The answers to the actions that read, compare and write the files of a new message.
#include "send/todo_files.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <variant>

#include "tests/unit/support/crash_files.h"

namespace reqmail::send {
namespace {

using namespace std::string_literals;
using reqmail::testing::CrashFiles;
using reqmail::testing::DiskState;
using scheduler::TodoFault;
using scheduler::WriteOutcome;

const mail::QueueLayout kLayout(23);
const mail::MessageId kId(145);
const std::string kEnvelope = "u7\0p42\0Fs@h\0Ta@me\0Tb@x\0"s;
const DiskState kNew = {{"todo/145", kEnvelope}, {"mess/7/145", "body\n"}};

class TodoFilesTest : public ::testing::Test {
 protected:
  explicit TodoFilesTest(std::size_t chunk = 100, const DiskState& disk = kNew)
      : files_(disk), lists_(files_, kLayout), todo_(files_, kLayout, lists_, chunk) {}

  template <typename Answer, typename Action>
  Answer read(const Action& action) {
    return std::get<Answer>(todo_.read(action));
  }

  scheduler::TodoWritten write(const scheduler::WriteTodoResult& action) {
    return std::get<scheduler::TodoWritten>(todo_.write(action, action.fresh));
  }

  static scheduler::WriteTodoResult whole() {
    return {kId, "Fs@h\0"s, {{"Ta@me\0"s, "Tb@x\0"s}}};
  }

  CrashFiles files_;
  OpenLists lists_;
  TodoFiles todo_;
};

TEST_F(TodoFilesTest, ReadsTheEnvelopeAndTheSize) {
  const auto found = read<scheduler::TodoFound>(scheduler::ReadTodo{kId});
  EXPECT_EQ(found.id, kId);
  EXPECT_EQ(found.size, 5U);
  EXPECT_EQ(found.chunk.records, kEnvelope);
  EXPECT_TRUE(found.chunk.last);
  EXPECT_FALSE(found.leftovers);
}

TEST_F(TodoFilesTest, LooksForLeftoversAtARestart) {
  const auto found = read<scheduler::TodoFound>(scheduler::ReadTodo{kId, true});
  ASSERT_TRUE(found.leftovers);
  EXPECT_FALSE(found.leftovers->info);
}

TEST_F(TodoFilesTest, SaysWhatCannotBeRead) {
  ASSERT_TRUE(files_.unlink("mess/7/145"));
  EXPECT_EQ(read<scheduler::TodoUnreadable>(scheduler::ReadTodo{kId}).fault, TodoFault::stat);
  ASSERT_TRUE(files_.unlink("todo/145"));
  EXPECT_EQ(read<scheduler::TodoUnreadable>(scheduler::ReadTodo{kId}).fault, TodoFault::open);
  EXPECT_EQ(read<scheduler::TodoUnreadable>(scheduler::ReadTodoPart{kId}).fault,
            TodoFault::open);
}

TEST_F(TodoFilesTest, WritesWhatThereIs) {
  EXPECT_EQ(write({kId, "Fs@h\0"s, {{"", "Tb@x\0"s}}}).outcome, WriteOutcome::written);
  const DiskState disk = files_.now();
  EXPECT_EQ(disk.at("info/7/145"), "Fs@h\0"s);
  EXPECT_EQ(disk.at("remote/7/145"), "Tb@x\0"s);
  EXPECT_FALSE(disk.contains("local/7/145"));
}

TEST_F(TodoFilesTest, ReplacesWhatAnEarlierTryHasLeft) {
  (void)write(whole());
  ASSERT_TRUE(files_.create("bounce/145", 0600));
  auto again = whole();
  again.recipients[scheduler::Channel::local] = "";
  EXPECT_EQ(write(again).outcome, WriteOutcome::written);
  EXPECT_FALSE(files_.now().contains("local/7/145"));
  EXPECT_TRUE(files_.now().contains("bounce/145"));
  again.remove_bounce = true;
  EXPECT_EQ(write(again).outcome, WriteOutcome::written);
  EXPECT_FALSE(files_.now().contains("bounce/145"));
}

TEST_F(TodoFilesTest, EachFailedStepHasItsOutcomeAndWarning) {
  (void)write(whole());
  std::map<WriteOutcome, std::string> seen;
  for (int call = 0;; ++call) {
    files_.fail_call(files_.calls() + call, EIO);
    const auto written = write(whole());
    if (written.outcome == WriteOutcome::written) {
      EXPECT_EQ(written.trouble, "");
      break;
    }
    seen.emplace(written.outcome, written.trouble);
  }
  EXPECT_TRUE(seen.at(WriteOutcome::not_removed).starts_with("unable to unlink "));
  EXPECT_EQ(seen.at(WriteOutcome::info_not_created), "unable to create info/7/145");
  EXPECT_TRUE(seen.contains(WriteOutcome::failed));
}

TEST_F(TodoFilesTest, ComparesWithWhatIsThere) {
  (void)write(whole());
  const auto compare = [this](const std::string& local) {
    return std::get<scheduler::TodoCompared>(
        todo_.compare({kId, {{local, "Tb@x\0"s}}, true, true}));
  };
  EXPECT_TRUE(compare("Ta@me\0"s).same);
  EXPECT_FALSE(compare("Tother@me\0"s).same);
}

// Tests with the same envelope in parts of one or two records.
struct TodoParts : TodoFilesTest {
  TodoParts() : TodoFilesTest(8) {}
};

TEST_F(TodoParts, AreReadOneAfterTheOtherAndAgain) {
  EXPECT_FALSE(read<scheduler::TodoFound>(scheduler::ReadTodo{kId}).chunk.last);
  for (int reading = 0; reading < 2; ++reading) {
    std::string all;
    for (bool first = true;; first = false) {
      const auto part = read<scheduler::TodoRead>(scheduler::ReadTodoPart{kId, first});
      EXPECT_EQ(part.chunk.offset, all.size());
      all += part.chunk.records;
      if (part.chunk.last) {
        break;
      }
    }
    EXPECT_EQ(all, kEnvelope);
  }
}

TEST_F(TodoParts, AreWrittenIntoTheSameFiles) {
  EXPECT_EQ(write({kId, "Fs@h\0"s, {{"Ta@me\0"s, ""}}, false, true, false}).outcome,
            WriteOutcome::written);
  EXPECT_EQ(write({kId, "", {{"Tc@me\0"s, "Tb@x\0"s}}, false, false, true}).outcome,
            WriteOutcome::written);
  EXPECT_EQ(files_.now().at("local/7/145"), "Ta@me\0Tc@me\0"s);
  EXPECT_EQ(files_.now().at("remote/7/145"), "Tb@x\0"s);
  EXPECT_EQ(files_.now().at("info/7/145"), "Fs@h\0"s);
}

TEST_F(TodoParts, AreAllRemovedIfOneCannotBeWritten) {
  (void)write({kId, "Fs@h\0"s, {{"Ta@me\0"s, ""}}, false, true, false});
  files_.fail_call(files_.calls(), ENOSPC);
  const auto written = write({kId, "", {{"Tc@me\0"s, ""}}, false, false, true});
  EXPECT_EQ(written.outcome, WriteOutcome::failed);
  EXPECT_EQ(written.trouble, "trouble writing to local/7/145");
  EXPECT_FALSE(files_.now().contains("info/7/145"));
  EXPECT_FALSE(files_.now().contains("local/7/145"));
}

// The list is not opened by its path for a mark, since that may be gone.
TEST_F(TodoFilesTest, TheListsStayOpenForTheirMarks) {
  (void)write(whole());
  ASSERT_TRUE(files_.unlink("remote/7/145"));
  EXPECT_TRUE(lists_.mark_done(scheduler::Channel::remote, kId, 0));
  EXPECT_TRUE(lists_.mark_done(scheduler::Channel::local, kId, 0));
  EXPECT_EQ(files_.now()["local/7/145"], "Da@me\0"s);
}

}  // namespace
}  // namespace reqmail::send
