// Programs whose exit code is used, programs that get input, and messages that are read in
// parts.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "local/maildir_reader.h"
#include "local/tools/feed_program.h"
#include "local/tools/message_parts.h"
#include "local/tools/message_summary.h"
#include "local/tools/test_program.h"
#include "tests/unit/local/support.h"

namespace reqmail::local {
namespace {

std::vector<std::string> shell(const std::string& command) {
  return {"/bin/sh", "-c", command};
}

TEST(ProgramSucceeds, AnswersOfPrograms) {
  EXPECT_TRUE(*program_succeeds(shell("exit 0")));
  EXPECT_FALSE(*program_succeeds(shell("exit 1")));
  EXPECT_FALSE(*program_succeeds(shell("exit 100")));
  EXPECT_FALSE(*program_succeeds({"/no/such/program"}));
  EXPECT_EQ(program_succeeds(shell("exit 111")).error().text, "temporary child error");
  EXPECT_EQ(program_succeeds(shell("kill -9 $$")).error().text, "child crashed");
}

sys::ChildSpec spec_of(const std::vector<std::string>& command) {
  sys::ChildSpec spec;
  spec.program = command.front();
  spec.arguments = command;
  return spec;
}

TEST(FeedProgram, GivesHeadAndInput) {
  const TemporaryHome home;
  const sys::Fd message = message_with(std::string(300000, 'm') + "end\n");
  ASSERT_EQ(::lseek(message.get(), 0, SEEK_SET), 0);
  const FeedOutcome outcome =
      feed_program(spec_of(shell("cat >got; exit 7")), "head\n", message.get());
  EXPECT_EQ(outcome.step, FeedStep::done);
  EXPECT_EQ(outcome.status.code, 7);
  EXPECT_EQ(content_of("got"), "head\n" + std::string(300000, 'm') + "end\n");
}

TEST(FeedProgram, ChildNeedNotReadItAll) {
  const sys::Fd message = message_with(std::string(300000, 'm'));
  ASSERT_EQ(::lseek(message.get(), 0, SEEK_SET), 0);
  const FeedOutcome outcome = feed_program(spec_of(shell("exit 99")), "", message.get());
  EXPECT_EQ(outcome.step, FeedStep::done);
  EXPECT_EQ(outcome.status.code, 99);
  EXPECT_EQ(feed_failure_text(outcome), "");
}

TEST(FeedProgram, UnreadableInputKillsTheChild) {
  const TemporaryHome home;
  const sys::Fd directory(::open(".", O_RDONLY));
  const FeedOutcome outcome = feed_program(spec_of(shell("cat >/dev/null; echo whole >took")),
                                           "head\n", directory.get());
  EXPECT_EQ(outcome.step, FeedStep::copy_input);
  EXPECT_EQ(feed_failure_text(outcome), "unable to copy input: is a directory");
  EXPECT_EQ(content_of("took"), "<none>");
}

TEST(FeedProgram, CrashedChild) {
  const sys::Fd message = message_with("");
  const FeedOutcome outcome = feed_program(spec_of(shell("kill -9 $$")), "", message.get());
  EXPECT_EQ(feed_failure_text(outcome), "child crashed");
}

struct Parts {
  std::string fields;
  std::string body;
};

Parts parts_of(const std::string& content, std::size_t enough = 1000000) {
  const sys::Fd message = message_with(content);
  (void)::lseek(message.get(), 0, SEEK_SET);
  Parts parts;
  const auto read = read_parts(message.get(), {[&parts](std::string_view field) {
                                                 parts.fields += "[" + std::string(field) + "]";
                                                 return Result<void>();
                                               },
                                               [&parts, enough](std::string_view piece) {
                                                 parts.body += piece;
                                                 return parts.body.size() < enough;
                                               }});
  EXPECT_TRUE(read);
  return parts;
}

TEST(ReadParts, FieldsThenBody) {
  const Parts parts = parts_of("A: b\n c\nD: e\n\nbody\nx");
  EXPECT_EQ(parts.fields, "[A: b\n c\n][D: e\n]");
  EXPECT_EQ(parts.body, "\nbody\nx");
}

TEST(ReadParts, BlankLineIsGivenWhereItIsMissing) {
  EXPECT_EQ(parts_of("A: b\nno field\nx\n").body, "\nno field\nx\n");
  EXPECT_EQ(parts_of("just text").body, "\njust text\n");
}

TEST(ReadParts, HeaderOnlyAndEmpty) {
  EXPECT_EQ(parts_of("A: b\n").body, "");
  EXPECT_EQ(parts_of("A: b").fields, "[A: b\n]");
  EXPECT_EQ(parts_of("").body, "");
  EXPECT_EQ(parts_of("\n").body, "\n");
}

TEST(ReadParts, LargeBodiesAndEnough) {
  EXPECT_EQ(parts_of("A: b\n\n" + std::string(200000, 'x')).body.size(), 200001U);
  EXPECT_LE(parts_of("A: b\n\n" + std::string(200000, 'x'), 10).body.size(), 65536U);
}

TEST(ReadParts, ReadErrorHasItsErrno) {
  const sys::Fd directory(::open("/", O_RDONLY));
  const auto read = read_parts(
      directory.get(),
      {[](std::string_view) { return Result<void>(); }, [](std::string_view) { return true; }});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().error, EISDIR);
}

TEST(ScanMaildir, OldestFirstAndNothingOfTheFuture) {
  const TemporaryHome home;
  make_maildir("M");
  ASSERT_EQ(::chdir("M"), 0);
  const auto make = [](const std::string& name, std::int64_t when) {
    put_file(name, "12345");
    const timespec times[2] = {{when, 0}, {when, 0}};
    (void)::utimensat(AT_FDCWD, name.c_str(), times, 0);
  };
  make("new/b", 200);
  make("cur/a", 100);
  make("new/.hidden", 100);
  make("new/same-second", 1000);
  make("tmp/old", 100);
  make("tmp/.old", 100);
  make("tmp/young", 150000);
  const auto both = scan_maildir(MaildirParts::new_and_cur, base::from_epoch(1000));
  ASSERT_TRUE(both);
  ASSERT_EQ(both->size(), 2U);
  EXPECT_EQ((*both)[0].path, "cur/a");
  EXPECT_EQ((*both)[0].size, 5U);
  EXPECT_EQ((*both)[1].path, "new/b");
  EXPECT_EQ(scan_maildir(MaildirParts::new_only, base::from_epoch(1000))->size(), 1U);
  clean_maildir_tmp(base::from_epoch(150000));
  EXPECT_EQ(names_in("tmp"), (std::vector<std::string>{".old", "young"}));
  ASSERT_EQ(::unlink("cur/a"), 0);
  ASSERT_EQ(::rmdir("cur"), 0);
  EXPECT_EQ(scan_maildir(MaildirParts::new_and_cur, base::from_epoch(1000)).error().text,
            "unable to scan $MAILDIR/cur: file does not exist");
}

TEST(MessageSummary, ShowsNoControlCharacters) {
  const TemporaryHome home;
  put_file("m", "Return-Path: <a\x1b@b>\nDelivered-To: c@d\nFrom: x\x1b\nSubject: s\n\nt\n");
  EXPECT_EQ(*message_summary("m"), "FROM <a?@b> TO <c@d>\n\x1b[1mFrom: x/\x1b[0m\ns//t/\n\n");
  EXPECT_EQ(*message_summary("gone"), "");
  EXPECT_FALSE(message_summary("."));
}

}  // namespace
}  // namespace reqmail::local
