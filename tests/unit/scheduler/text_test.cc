// Log lines, reports and bounces, byte for byte.
#include <gtest/gtest.h>

#include "scheduler/bounce_text.h"
#include "scheduler/log_lines.h"
#include "scheduler/report_reader.h"

namespace reqmail::scheduler {
namespace {

constexpr std::uint64_t kNumber = 145;

MessageId id() {
  return MessageId(kNumber);
}

TEST(LogLines, AreWhatStatisticsProgramsExpect) {
  PerChannel<log_line::Load> load;
  load[Channel::local] = {1, 10};
  load[Channel::remote] = {2, 20};
  EXPECT_EQ(log_line::status(load, false), "status: local 1/10 remote 2/20\n");
  EXPECT_EQ(log_line::status(load, true), "status: local 1/10 remote 2/20 exitasap\n");
  EXPECT_EQ(log_line::exiting(), "status: exiting\n");
  EXPECT_EQ(log_line::new_message(id()), "new msg 145\n");
  EXPECT_EQ(log_line::message_info(id(), 20, "s@h", 1234, 7001),
            "info msg 145: bytes 20 from <s@h> qp 1234 uid 7001\n");
  EXPECT_EQ(log_line::starting(7, id(), Channel::remote, "r@x"),
            "starting delivery 7: msg 145 to remote r@x\n");
  EXPECT_EQ(log_line::success(7, "fine\n"), "delivery 7: success: fine/\n");
  EXPECT_EQ(log_line::deferral(7, ""), "delivery 7: deferral: \n");
  EXPECT_EQ(log_line::failure(7, "no such user"), "delivery 7: failure: no_such_user\n");
  EXPECT_EQ(log_line::mangled(7), "delivery 7: report mangled, will defer\n");
  EXPECT_EQ(log_line::report_out_of_range(),
            "warning: internal error: delivery report out of range\n");
  EXPECT_EQ(log_line::bounced(id(), 99), "bounce msg 145 qp 99\n");
  EXPECT_EQ(log_line::triple_bounce(id()), "triple bounce: discarding bounce/145\n");
  EXPECT_EQ(log_line::end_message(id()), "end msg 145\n");
  EXPECT_EQ(log_line::warning("unable to open todo/145"), "warning: unable to open todo/145\n");
  EXPECT_EQ(log_line::warning_later("unable to stat", "local/7/145"),
            "warning: unable to stat local/7/145; will try again later\n");
  EXPECT_EQ(log_line::trouble_marking("remote/7/145"),
            "warning: trouble marking remote/7/145; message will be delivered twice!\n");
  EXPECT_EQ(log_line::unable_to_utime("remote/7/145"),
            "warning: unable to utime remote/7/145; message will be retried too soon\n");
  EXPECT_EQ(log_line::unable_to_clean("foop/145"),
            "warning: qmail-clean unable to clean up foop/145\n");
  EXPECT_EQ(log_line::unable_to_append_bounce(),
            "alert: unable to append to bounce message; HELP! sleeping...\n");
  EXPECT_EQ(log_line::lost_clean(), "alert: oh no! lost qmail-clean connection! dying...\n");
  EXPECT_EQ(log_line::lost_spawner(), "alert: oh no! lost spawn connection! dying...\n");
  EXPECT_EQ(log_line::unable_to_list("info/5"),
            "alert: unable to opendir info/5, sleeping...\n");
  EXPECT_EQ(log_line::unable_to_reread("control/locals"),
            "alert: unable to reread control/locals\n");
  EXPECT_EQ(log_line::out_of_memory(), "alert: out of memory, sleeping...\n");
  EXPECT_EQ(log_line::cannot_start("unable to read controls"),
            "alert: cannot start: unable to read controls\n");
}

TEST(LogLines, TextFromOutsideStaysOnOneLine) {
  EXPECT_EQ(log_text("s\n \xe4%x@y\x01\x7f"), "s/___x@y__");
}

TEST(Channels, HaveTheFilesOfTheQueue) {
  EXPECT_EQ(channel_name(Channel::local), "local");
  EXPECT_EQ(channel_name(Channel::remote), "remote");
  EXPECT_EQ(kind_of(Channel::local), mail::QueueKind::local);
  EXPECT_EQ(kind_of(Channel::remote), mail::QueueKind::remote);
  EXPECT_EQ(other(Channel::local), Channel::remote);
  EXPECT_EQ(other(Channel::remote), Channel::local);
}

// --- Reports ---

std::string_view bytes(const char* text, std::size_t size) {
  return {text, size};
}

TEST(ReportReader, TakesPiecesOfAnySize) {
  const std::string all("\0Kfine\n\0\3Znot now\0\1Dno\0\2qwhat\0\4\0\5K\0", 36);
  for (std::size_t piece = 1; piece <= all.size(); ++piece) {
    ReportReader reader;
    std::vector<Report> reports;
    for (std::size_t i = 0; i < all.size(); i += piece) {
      for (Report& report : reader.feed(std::string_view(all).substr(i, piece))) {
        reports.push_back(std::move(report));
      }
    }
    ASSERT_EQ(reports.size(), 6U) << piece;
    EXPECT_EQ(reports[0].slot, 0U);
    EXPECT_EQ(reports[0].verdict, Verdict::success);
    EXPECT_EQ(reports[0].text, "fine\n");
    EXPECT_EQ(reports[1].slot, 3U);
    EXPECT_EQ(reports[1].verdict, Verdict::deferral);
    EXPECT_EQ(reports[2].verdict, Verdict::failure);
    EXPECT_EQ(reports[3].verdict, Verdict::mangled);
    EXPECT_EQ(reports[4].slot, 4U);
    EXPECT_EQ(reports[4].verdict, Verdict::mangled);
    EXPECT_EQ(reports[5].verdict, Verdict::success);
    EXPECT_EQ(reports[5].text, "");
  }
}

TEST(ReportReader, CutsWhatIsTooLong) {
  ReportReader reader;
  EXPECT_TRUE(reader.feed(bytes("\7D", 2)).empty());
  const std::string much(12000, 'x');
  EXPECT_TRUE(reader.feed(much).empty());
  const auto reports = reader.feed(bytes("yy\0\10Kz\0", 7));
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].slot, 7U);
  EXPECT_EQ(reports[0].text, std::string(kReportMax - 2, 'x'));
  EXPECT_EQ(reports[1].slot, 8U);
  EXPECT_EQ(reports[1].text, "z");
}

// --- Failure notices ---

TEST(BounceParagraph, MasksEmptyLinesButTheLast) {
  EXPECT_EQ(bounce_paragraph("r@x", "no\n"), "<r@x>:\nno\n\n");
  EXPECT_EQ(bounce_paragraph("r@x", "no"), "<r@x>:\nno\n\n");
  EXPECT_EQ(bounce_paragraph("a\nb@x", "one\n\ntwo\n"), "<a_b@x>:\none\n/two\n\n");
  EXPECT_EQ(bounce_paragraph("r@x", ""), "<r@x>:\n\n");
  const std::pair<const char*, const char*> reasons[] = {
      {"two\n\n\nthree", "two\n//three\n\n"},
      {"two\n\n\n\nthree\n", "two\n///three\n\n"},
      {"a\n\nb\n\nc", "a\n/b\n/c\n\n"},
      {"a\n/\nb", "a\n/\nb\n\n"},
      {"one\n\n", "one\n\n\n"},
      {"one\n\n\n", "one\n/\n\n"},
      {"one\n\n\n\n", "one\n//\n\n"},
      {"\n", "\n\n"},
      {"\n\n", "/\n\n"},
      {"\nfirst", "/first\n\n"},
      {"\n\nfirst\n", "//first\n\n"},
  };
  for (const auto& [reason, text] : reasons) {
    EXPECT_EQ(bounce_paragraph("r@x", reason), std::string("<r@x>:\n") + text) << reason;
  }
}

// Compares every text of these bytes up to this length with the rule in its documented form.
TEST(BounceParagraph, RuleHoldsForAllShortReasons) {
  constexpr std::size_t kLongest = 8;
  for (std::size_t length = 0; length <= kLongest; ++length) {
    for (unsigned bits = 0; bits < 1U << length; ++bits) {
      std::string reason;
      for (std::size_t i = 0; i < length; ++i) {
        reason.push_back((bits >> i & 1U) != 0 ? '\n' : 'x');
      }
      std::string plain =
          "<r@x>:\n" + reason + (reason.ends_with('\n') || length == 0 ? "" : "\n");
      std::string expected;
      for (std::size_t i = 0; i < plain.size(); ++i) {
        const bool masked =
            i > 0 && i + 1 < plain.size() && plain[i] == '\n' && plain[i - 1] == '\n';
        expected.push_back(masked ? '/' : plain[i]);
      }
      EXPECT_EQ(bounce_paragraph("r@x", reason), expected + "\n");
    }
  }
}

constexpr base::Time kWhen = base::from_epoch(1000000000);

TEST(BounceMail, ToTheSender) {
  const BounceNames names{"post bot", "me.example", "postmaster", "db.example"};
  const BounceMail bounce = bounce_mail(names, {}, {"a b@c.example", {}}, kWhen, "");
  EXPECT_EQ(bounce.envelope_sender, "");
  EXPECT_EQ(bounce.envelope_recipient, "a b@c.example");
  EXPECT_EQ(bounce.head,
            "Date: 9 Sep 2001 01:46:40 -0000\n"
            "From: \"post bot\"@me.example\n"
            "To: \"a b\"@c.example\n"
            "Subject: failure notice\n\n"
            "Hi. This is the qmail-send program at me.example.\n"
            "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
            "This is a permanent error; I've given up. Sorry it didn't work out.\n\n");
  EXPECT_EQ(bounce.tail,
            "--- Below this line is a copy of the message.\n\n"
            "Return-Path: <\"a b\"@c.example>\n");
  EXPECT_EQ(bounce.status, "");
  EXPECT_EQ(bounce.end, "");
  EXPECT_FALSE(bounce.is_report);
}

TEST(BounceMail, StylesAndTexts) {
  const BounceNames names{"MAILER-DAEMON", "me.example", "root", "db.example"};
  BounceForm form{BounceStyle::headers, "Came back", "Ask us.", 0};
  const BounceMail bounce = bounce_mail(names, form, {"s@h", {}}, kWhen, "1.2.ab");
  EXPECT_NE(bounce.head.find("\nSubject: Came back\n"
                             "Message-ID: <1.2.ab@me.example>\nAuto-Submitted: auto-replied\n\n"
                             "Hi. This"),
            std::string::npos);
  EXPECT_TRUE(bounce.head.ends_with("Sorry it didn't work out.\n\nAsk us.\n\n"));
  EXPECT_EQ(bounce.tail,
            "--- Below this line is a copy of the message.\n\nReturn-Path: <s@h>\n");
  // The text is for senders.
  const BounceMail twice = bounce_mail(names, form, {"", {}}, kWhen, "1.2.ab");
  EXPECT_EQ(twice.head.find("Ask us."), std::string::npos);
  EXPECT_EQ(bounce_style("headers"), BounceStyle::headers);
  EXPECT_EQ(bounce_style("dsn"), BounceStyle::report);
  EXPECT_EQ(bounce_style("DSN"), std::nullopt);
}

TEST(BounceMail, Report) {
  const BounceNames names{"MAILER-DAEMON", "me.example", "root", "db.example"};
  const BounceForm form{BounceStyle::report, "failure notice", "", 400};
  const BounceMail bounce =
      bounce_mail(names, form, {"s@h", base::from_epoch(999999000)}, kWhen, "1.2.ab");
  EXPECT_EQ(bounce.head,
            "Date: 9 Sep 2001 01:46:40 -0000\n"
            "From: MAILER-DAEMON@me.example\n"
            "To: s@h\n"
            "Subject: failure notice\n"
            "Message-ID: <1.2.ab@me.example>\n"
            "Auto-Submitted: auto-replied\n"
            "MIME-Version: 1.0\n"
            "Content-Type: multipart/report; report-type=delivery-status;\n"
            " boundary=\"1.2.ab\"\n"
            "Content-Transfer-Encoding: 8bit\n\n"
            "--1.2.ab\n"
            "Content-Type: text/plain; charset=utf-8\n"
            "Content-Transfer-Encoding: 8bit\n\n"
            "Hi. This is the qmail-send program at me.example.\n"
            "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
            "This is a permanent error; I've given up. Sorry it didn't work out.\n\n");
  EXPECT_EQ(bounce.status,
            "\n--1.2.ab\nContent-Type: message/delivery-status\n\n"
            "Reporting-MTA: dns; me.example\n"
            "Arrival-Date: 9 Sep 2001 01:30:00 -0000\n");
  EXPECT_EQ(bounce.tail,
            "\n--1.2.ab\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\n"
            "Return-Path: <s@h>\n");
  EXPECT_EQ(bounce.end, "\n--1.2.ab--\n");
  EXPECT_TRUE(bounce.is_report);
  EXPECT_EQ(bounce.excerpt.max_bytes, 400U);
  EXPECT_TRUE(bounce.excerpt.is_part);
}

TEST(BounceMail, DoubleBounce) {
  const BounceNames names{"MAILER-DAEMON", "me.example", "root", "db.example"};
  const BounceMail bounce = bounce_mail(names, {}, {"", {}}, kWhen, "");
  EXPECT_EQ(bounce.envelope_sender, "#@[]");
  EXPECT_EQ(bounce.envelope_recipient, "root@db.example");
  EXPECT_EQ(bounce.head,
            "Date: 9 Sep 2001 01:46:40 -0000\n"
            "From: MAILER-DAEMON@me.example\n"
            "To: root@db.example\n"
            "Subject: failure notice\n\n"
            "Hi. This is the qmail-send program at me.example.\n"
            "I tried to deliver a bounce message to this address, but the bounce bounced!\n\n");
  EXPECT_EQ(bounce.tail, "--- Below this line is the original bounce.\n\nReturn-Path: <>\n");
}

TEST(BounceMail, VerpSendersLoseTheirEnd) {
  const BounceMail bounce = bounce_mail({}, {}, {"list-@h.example-@[]", {}}, kWhen, "");
  EXPECT_EQ(bounce.envelope_recipient, "list-@h.example");
  EXPECT_NE(bounce.tail.find("Return-Path: <list-@h.example>\n"), std::string::npos);
}

TEST(BounceMail, VerpOfTheNullSenderIsADoubleBounce) {
  const BounceNames names{"MAILER-DAEMON", "me.example", "root", "db.example"};
  const BounceMail bounce = bounce_mail(names, {}, {"-@[]", {}}, kWhen, "");
  EXPECT_EQ(bounce.envelope_sender, "#@[]");
  EXPECT_EQ(bounce.envelope_recipient, "root@db.example");
  EXPECT_EQ(bounce.tail, "--- Below this line is the original bounce.\n\nReturn-Path: <>\n");
  EXPECT_EQ(bounce_kind("-@[]"), BounceKind::double_bounce);
  EXPECT_EQ(bounce_kind("#@[]-@[]"), BounceKind::triple_bounce);
}

TEST(BounceKindOf, TripleBouncesAreDiscarded) {
  EXPECT_EQ(bounce_kind("#@[]"), BounceKind::triple_bounce);
  EXPECT_EQ(bounce_kind(""), BounceKind::double_bounce);
  EXPECT_EQ(bounce_kind("s@h"), BounceKind::to_sender);
  EXPECT_EQ(bounce_kind("list-@h-@[]"), BounceKind::to_sender);
}

}  // namespace
}  // namespace reqmail::scheduler
