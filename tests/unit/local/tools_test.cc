// The code without input or output of the small programs that .qmail files call.

#include <gtest/gtest.h>
#include <utmpx.h>

#include <cstring>
#include <string>
#include <vector>

#include "local/tools/escape_arguments.h"
#include "local/tools/maildir_to_mbox.h"
#include "local/tools/receipt.h"
#include "local/tools/summary_text.h"
#include "local/tools/terminals.h"
#include "local/tools/tool.h"

namespace reqmail::local {
namespace {

TEST(ExpandMacros, ReplacesWhatItKnows) {
  const MailerMacros macros{"u", "h", "g"};
  EXPECT_EQ(expand_macros("%u@%h from %g", macros), "u@h from g");
  EXPECT_EQ(expand_macros("100%%", macros), "100%");
  EXPECT_EQ(expand_macros("a%xb", macros), "ab");
  EXPECT_EQ(expand_macros("a%", macros), "a");
  EXPECT_EQ(expand_macros("", macros), "");
  // The value of a macro is not expanded again.
  EXPECT_EQ(expand_macros("%u", MailerMacros{"%h", "h", "g"}), "%h");
}

TEST(SummaryText, SubjectsThenBody) {
  SummaryText summary(74);
  summary.add_field("Subject: one\n");
  summary.add_field("X-Subject: no\n");
  summary.add_field("SUBJECT:\t two\n three\n");
  EXPECT_TRUE(summary.add_body("\nbody\n"));
  EXPECT_EQ(summary.text(), "one/two/ three//body/");
}

TEST(SummaryText, StopsAtTheLimit) {
  SummaryText summary(5);
  summary.add_field("Subject: 123\n");
  EXPECT_FALSE(summary.add_body("456789"));
  EXPECT_EQ(summary.text(), "123/4");
  EXPECT_FALSE(summary.add_body("x"));
  EXPECT_EQ(summary.text(), "123/4");
}

std::string request_answer(const std::string& field) {
  ReceiptRequest request("a@b.example");
  const auto looked = request.look(field);
  if (!looked) {
    return looked.error().text;
  }
  return request.wanted() ? "wanted" : "not wanted";
}

TEST(ReceiptRequest, LooksForTheVeryAddress) {
  const std::string name = "Notice-Requested-Upon-Delivery-To: ";
  EXPECT_EQ(request_answer(name + "a@b.example\n"), "wanted");
  EXPECT_EQ(request_answer(name + "x@y, Me <a@b.example> (me),\n z\n"), "wanted");
  EXPECT_EQ(request_answer(name + "\"a\"@b.example\n"), "wanted");
  EXPECT_EQ(request_answer(name + "A@b.example\n"), "not wanted");
  EXPECT_EQ(request_answer(name + "a\n"), "not wanted");
  EXPECT_EQ(request_answer(name + "\n"), "not wanted");
  EXPECT_EQ(request_answer("To: a@b.example\n"), "not wanted");
  EXPECT_EQ(request_answer(name + "(x\n"), "unable to parse this: " + name + "(x\n");
}

TEST(ReceiptRequest, NoticeNamesTheMessage) {
  ReceiptRequest request("a@b.example");
  ASSERT_TRUE(request.look("Message-ID: <1@x>\n"));
  const std::string notice = request.notice("s t@c.example");
  EXPECT_EQ(notice.find("From: DELIVERY NOTICE SYSTEM <\"s t\"@c.example>\nTo: <\"s t\"@"), 0U);
  EXPECT_TRUE(
      notice.ends_with("following address: a@b.example. Thanks for asking.\n"
                       "Your Message-ID: <1@x>\n"));
}

constexpr base::Time kTime = base::from_epoch(883612800);

TEST(FromLineOf, TakesTheSenderFromTheFirstLine) {
  EXPECT_EQ(from_line_of("Return-Path: <s@a>\nX: y\n", kTime),
            "From s@a Thu Jan 01 00:00:00 1998\n");
  EXPECT_EQ(from_line_of("Return-Path: <>\n", kTime),
            "From MAILER-DAEMON Thu Jan 01 00:00:00 1998\n");
  EXPECT_EQ(from_line_of("Return-Path: <\"a b\t>\"@c>\n", kTime),
            "From \"a-b->\"@c Thu Jan 01 00:00:00 1998\n");
  EXPECT_EQ(from_line_of("return-path: <s@a>\n", kTime), "From XXX Thu Jan 01 00:00:00 1998\n");
  EXPECT_EQ(from_line_of("", kTime), "From XXX Thu Jan 01 00:00:00 1998\n");
  EXPECT_EQ(from_line_of("Return-Path: <unfinished\nx>\n", kTime),
            "From unfinished Thu Jan 01 00:00:00 1998\n");
}

std::string utmp_entry(short type, const std::string& user, const std::string& line) {
  utmpx entry = {};
  entry.ut_type = type;
  std::memcpy(entry.ut_user, user.data(), user.size());
  std::memcpy(entry.ut_line, line.data(), line.size());
  std::string bytes(sizeof entry, '\0');
  std::memcpy(bytes.data(), &entry, sizeof entry);
  return bytes;
}

TEST(TerminalLines, OfTheUserBelowDev) {
  const std::string longest(sizeof(utmpx::ut_user), 'u');
  const std::string utmp =
      utmp_entry(USER_PROCESS, "alice", "tty1") + utmp_entry(USER_PROCESS, "bob", "tty2") +
      utmp_entry(DEAD_PROCESS, "alice", "tty3") + utmp_entry(USER_PROCESS, "alice", "pts/4") +
      utmp_entry(USER_PROCESS, "alice", "/etc/x") + utmp_entry(USER_PROCESS, "alice", "../x") +
      utmp_entry(USER_PROCESS, "alice", "") + utmp_entry(USER_PROCESS, "alicia", "tty5") +
      utmp_entry(USER_PROCESS, longest, "tty6");
  EXPECT_EQ(terminal_lines(utmp, "alice"), (std::vector<std::string>{"tty1", "pts/4"}));
  EXPECT_EQ(terminal_lines(utmp, longest), std::vector<std::string>{"tty6"});
  EXPECT_TRUE(terminal_lines(utmp.substr(0, 100), "alice").empty());
}

TEST(BadOptionText, SaysWhatIsWrong) {
  EXPECT_EQ(bad_option_text(true, 'q'), "illegal option -- q");
  EXPECT_EQ(bad_option_text(false, 'x'), "option requires an argument -- x");
}

}  // namespace
}  // namespace reqmail::local
