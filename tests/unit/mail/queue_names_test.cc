// Names of queue files, and the commands with which qmail-send has files removed.
#include "mail/queue_names.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "mail/clean_command.h"

namespace reqmail::mail {
namespace {

using namespace std::string_literals;

const QueueLayout kLayout(23);
const MessageId kId(145);

TEST(QueueNames, OfEachKind) {
  EXPECT_EQ(kLayout.path(QueueKind::mess, kId), "mess/7/145");
  EXPECT_EQ(kLayout.path(QueueKind::info, kId), "info/7/145");
  EXPECT_EQ(kLayout.path(QueueKind::local, kId), "local/7/145");
  EXPECT_EQ(kLayout.path(QueueKind::remote, kId), "remote/7/145");
  EXPECT_EQ(kLayout.path(QueueKind::intd, kId), "intd/145");
  EXPECT_EQ(kLayout.path(QueueKind::todo, kId), "todo/145");
  EXPECT_EQ(kLayout.path(QueueKind::bounce, kId), "bounce/145");
  EXPECT_EQ(kLayout.directory(QueueKind::mess, kId), "mess/7");
  EXPECT_EQ(kLayout.directory(QueueKind::todo, kId), "todo");
  EXPECT_EQ(kLayout.message_name(kId), "7/145");
  EXPECT_EQ(QueueLayout(1).path(QueueKind::mess, kId), "mess/0/145");
  EXPECT_EQ(kLayout.path(QueueKind::todo, MessageId(UINT64_MAX)), "todo/18446744073709551615");
  EXPECT_EQ(kLayout.path(QueueKind::mess, MessageId(UINT64_MAX)),
            "mess/5/18446744073709551615");
}

TEST(QueueNames, BeforeTheNumberIsKnown) {
  EXPECT_EQ(pid_path(4711, base::from_epoch(1'700'000'000), 2), "pid/4711.1700000000.2");
  EXPECT_EQ(pid_path("any name"), "pid/any name");
}

TEST(CleanCommand, ValueOrNothing) {
  const auto foop = parse_clean_command("foop/145");
  ASSERT_TRUE(foop);
  EXPECT_EQ(foop->kind, CleanKind::foop);
  EXPECT_EQ(foop->id, kId);
  EXPECT_EQ(parse_clean_command("todo/1")->kind, CleanKind::todo);
  for (const std::string& text : {""s,
                                  "foop"s,
                                  "foop/"s,
                                  "todo/"s,
                                  "mess/145"s,
                                  "foo/145"s,
                                  "Foop/145"s,
                                  "foop/x"s,
                                  "foop/145x"s,
                                  "foop/-1"s,
                                  "foop/ 1"s,
                                  "foop/1/2"s,
                                  "foop/../1"s,
                                  "todx/145"s,
                                  "tod//145"s,
                                  "foop/145\n"s,
                                  "foop/1\0"s,
                                  "foop/18446744073709551616"s,
                                  "foop/" + std::string(200, '0') + "145",
                                  " foop/1"s}) {
    EXPECT_FALSE(parse_clean_command(text)) << text;
  }
  for (const CleanKind kind : {CleanKind::foop, CleanKind::todo}) {
    std::string text = clean_command({kind, MessageId(UINT64_MAX)});
    EXPECT_EQ(text.back(), '\0');
    text.pop_back();
    EXPECT_EQ(parse_clean_command(text)->kind, kind);
    EXPECT_EQ(parse_clean_command(text)->id.number(), UINT64_MAX);
  }
}

}  // namespace
}  // namespace reqmail::mail
