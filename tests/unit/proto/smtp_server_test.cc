// Sessions as transcripts: "C: " lines are passed to the state machine, and "S: " lines must be
// its replies.
#include "proto/smtp_server.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/envelope.h"
#include "mail/idna.h"
#include "tests/unit/support/deny_lists.h"
#include "tests/unit/support/with_libidn2.h"

namespace reqmail::proto {
namespace {

// Answers the questions of the state machine.
class FakeHost {
 public:
  [[nodiscard]] Result<Answer> answer(const Question& question) const {
    switch (question.about) {
    case Question::About::own_address:
      if (no_addresses) {
        return temporary("unable to figure out my IP addresses (#4.3.0)");
      }
      return Answer{.yes = question.address.bytes()[0] == 127};
    case Question::About::listed_domain:
      if (broken_list) {
        return temporary("unable to read controls (#4.3.0)");
      }
      return Answer{.yes = base::equal_ci(question.domain, "here.example")};
    case Question::About::tls_offered:
    case Question::About::sender:
    case Question::About::filters_on_sender:
    case Question::About::filters_on_recipient:
    case Question::About::filters_on_data:
    case Question::About::services_on_recipient:
    case Question::About::services_at_last:
    case Question::About::srs_address:
    case Question::About::recipient:
    case Question::About::checker:
      return Answer{.yes = false};
    case Question::About::random_word:
      break;
    }
    return permanent("no AUTH here");
  }

  bool no_addresses = false;
  bool broken_list = false;
};

SmtpServerSettings settings() {
  SmtpServerSettings made;
  made.greeting = "mx.example";
  made.own_host = "ip.example";
  return made;
}

class Session {
 public:
  explicit Session(SmtpServerSettings made = settings())
      : server_(std::move(made)), pending_(server_.greet().reply) {}

  // Plays a transcript; returns the action of its last command.
  SmtpAction play(std::string_view transcript) {
    SmtpAction last = SmtpAction::none;
    for (const std::string_view line : base::lines(transcript)) {
      const std::string_view text = line.substr(3);
      if (line.starts_with("C: ")) {
        EXPECT_EQ(pending_, "") << "before " << line;
        last = send(text);
      } else {
        const std::size_t end = pending_.find("\r\n");
        EXPECT_EQ(std::string_view(pending_).substr(0, end), text);
        pending_.erase(0, end == std::string::npos ? end : end + 2);
      }
    }
    EXPECT_EQ(pending_, "");
    return last;
  }

  SmtpAction send(std::string_view line) {
    SmtpStep step = server_.handle(line);
    while (step.action == SmtpAction::ask) {
      EXPECT_EQ(step.reply, "");
      step = server_.answer(host_.answer(*step.question));
    }
    const SmtpAction action = step.action;
    if (action == SmtpAction::open_queue) {
      EXPECT_EQ(step.reply, "");
      envelope = server_.envelope();
      protocol = server_.received_protocol();
      step =
          server_.queue_opened(queue_works ? std::optional<std::uint64_t>(123) : std::nullopt);
      if (queue_works) {
        EXPECT_EQ(step.action, SmtpAction::receive);
        pending_ += step.reply;
        step = server_.end_of_data({});
        EXPECT_EQ(step.action, SmtpAction::finish_queue);
        (void)server_.queued({});
        return action;
      }
    }
    pending_ += step.reply;
    return action;
  }

  std::string replies() { return std::exchange(pending_, std::string()); }

  SmtpServer& server() { return server_; }

  FakeHost& host() { return host_; }

  SmtpEnvelope envelope;
  std::string protocol;
  bool queue_works = true;

 private:
  FakeHost host_;
  SmtpServer server_;
  std::string pending_;
};

TEST(SmtpServer, PlainSession) {
  Session session;
  EXPECT_EQ(session.play("S: 220 mx.example ESMTP\n"
                         "C: HELO client\n"
                         "S: 250 mx.example\n"
                         "C: MAIL FROM:<a@client.example>\n"
                         "S: 250 ok\n"
                         "C: RCPT TO:<bob@HERE.example>\n"
                         "S: 250 ok\n"
                         "C: RCPT TO:<box@[127.0.0.9]>\n"
                         "S: 553 sorry, that domain isn't in my list of allowed rcpthosts "
                         "(#5.7.1)\n"
                         "C: RCPT TO:<root>\n"
                         "S: 250 ok\n"
                         "C: DATA\n"
                         "S: 354 go ahead\n"),
            SmtpAction::open_queue);
  EXPECT_EQ(session.envelope.sender, "a@client.example");
  EXPECT_EQ(session.envelope.recipients, std::string("bob@HERE.example\0root\0", 22));
  EXPECT_EQ(session.play("C: DATA\n"
                         "S: 503 MAIL first (#5.5.1)\n"
                         "C: RCPT TO:<x@here.example>\n"
                         "S: 503 MAIL first (#5.5.1)\n"
                         "C: QUIT\n"
                         "S: 221 mx.example\n"),
            SmtpAction::quit);
}

TEST(SmtpServer, OneCarriageReturnBelongsToTheLineEnd) {
  Session session;
  session.play("S: 220 mx.example ESMTP\n");
  session.send("NOOP\r");
  session.send("NOOP\r\r");
  EXPECT_EQ(session.replies(), "250 ok\r\n502 unimplemented (#5.5.1)\r\n");
}

TEST(SmtpServer, EhloKeywordsWithAndWithoutALimit) {
  Session session;
  session.play(
      "S: 220 mx.example ESMTP\n"
      "C: EHLO c\n"
      "S: 250-mx.example\n"
      "S: 250-PIPELINING\n"
      "S: 250 8BITMIME\n");
  SmtpServerSettings limited = settings();
  limited.policy.databytes = 5000;
  Session other(limited);
  other.play(
      "S: 220 mx.example ESMTP\n"
      "C: EHLO c\n"
      "S: 250-mx.example\n"
      "S: 250-SIZE 5000\n"
      "S: 250-PIPELINING\n"
      "S: 250 8BITMIME\n"
      "C: MAIL FROM:<a@b> SIZE=5001\n"
      "S: 552 sorry, that message size exceeds my databytes limit (#5.3.4)\n"
      "C: MAIL FROM:<a@b> SIZE=99999999999999999999999\n"
      "S: 552 sorry, that message size exceeds my databytes limit (#5.3.4)\n"
      "C: RCPT TO:<x@here.example>\n"
      "S: 503 MAIL first (#5.5.1)\n"
      "C: MAIL FROM:<a@b> SIZE=many\n"
      "S: 250 ok\n"
      "C: MAIL FROM:<a@b> SIZE=5000 BODY=8BITMIME AUTH=<> X=Y\n"
      "S: 250 ok\n");
}

TEST(SmtpServer, ReportsThatClientsAskFor) {
  SmtpServerSettings with_dsn = settings();
  with_dsn.extensions.dsn = true;
  Session session(with_dsn);
  session.play(
      "S: 220 mx.example ESMTP\n"
      "C: EHLO c\n"
      "S: 250-mx.example\n"
      "S: 250-PIPELINING\n"
      "S: 250-DSN\n"
      "S: 250 8BITMIME\n"
      "C: MAIL FROM:<a@b> RET=SOME\n"
      "S: 501 bad parameter (#5.5.4)\n"
      "C: MAIL FROM:<a@b> RET=HDRS ENVID=Q+2B1\n"
      "S: 250 ok\n"
      "C: RCPT TO:<x@here.example> NOTIFY=SOMETIMES\n"
      "S: 501 bad parameter (#5.5.4)\n"
      "C: RCPT TO:<x@here.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;o+40x\n"
      "S: 250 ok\n"
      "C: RCPT TO:<y@here.example>\n"
      "S: 250 ok\n"
      "C: DATA\n"
      "S: 354 go ahead\n");
  EXPECT_EQ(mail::dsn_text(session.envelope.dsn),
            "RET=HDRS ENVID=Q+2B1\n"
            "NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;o+40x\tx@here.example\n");
  // They belong to one transaction.
  session.play(
      "C: MAIL FROM:<a@b>\n"
      "S: 250 ok\n"
      "C: RCPT TO:<x@here.example>\n"
      "S: 250 ok\n"
      "C: DATA\n"
      "S: 354 go ahead\n");
  EXPECT_TRUE(session.envelope.dsn.empty());
}

TEST(SmtpServer, RecipientsWithParametersHaveALimit) {
  SmtpServerSettings with_dsn = settings();
  with_dsn.extensions.dsn = true;
  Session session(with_dsn);
  (void)session.replies();
  session.send("MAIL FROM:<a@b>");
  (void)session.replies();
  const std::string parameters = " NOTIFY=NEVER ORCPT=rfc822;" + std::string(480, 'o');
  std::size_t accepted = 0;
  for (;; ++accepted) {
    session.send("RCPT TO:<x" + std::to_string(accepted) + "@here.example>" + parameters);
    if (session.replies() != "250 ok\r\n") {
      break;
    }
  }
  EXPECT_GT(accepted, 100U);
  EXPECT_LT(accepted, 300U);
  // Others do not need that room.
  session.play("C: RCPT TO:<y@here.example>\nS: 250 ok\n");
  session.send("DATA");
  EXPECT_LE(mail::dsn_text(session.envelope.dsn).size(), mail::kDsnTextMax);
  EXPECT_EQ(session.envelope.recipient_count, accepted + 1);
}

TEST(SmtpServer, WithoutTheSettingParametersAreIgnored) {
  Session session;
  (void)session.replies();
  session.play(
      "C: MAIL FROM:<a@b> RET=SOME\n"
      "S: 250 ok\n"
      "C: RCPT TO:<x@here.example> NOTIFY=SOMETIMES\n"
      "S: 250 ok\n"
      "C: DATA\n"
      "S: 354 go ahead\n");
  EXPECT_TRUE(session.envelope.dsn.empty());
}

SmtpServerSettings utf8_settings() {
  SmtpServerSettings made = settings();
  made.extensions.utf8 = true;
  return made;
}

TEST(SmtpServer, WithoutSmtpUtf8BytesAreBytes) {
  Session session;
  session.play(
      "S: 220 mx.example ESMTP\n"
      "C: MAIL FROM:<j\xf6rg@b.example> SMTPUTF8\n"
      "S: 250 ok\n"
      "C: RCPT TO:<j\xf6rg@here.example>\n"
      "S: 250 ok\n"
      "C: DATA\n"
      "S: 354 go ahead\n");
  EXPECT_EQ(session.protocol, "SMTP");
}

TEST(SmtpServer, SmtpUtf8IsAnnouncedAndMustBeSaid) {
  Session session(utf8_settings());
  session.play(
      "S: 220 mx.example ESMTP\n"
      "C: EHLO c\n"
      "S: 250-mx.example\n"
      "S: 250-PIPELINING\n"
      "S: 250-SMTPUTF8\n"
      "S: 250 8BITMIME\n"
      "C: MAIL FROM:<j\u00f6rg@b.example>\n"
      "S: 553 non-ASCII address without SMTPUTF8 (#5.6.7)\n"
      "C: MAIL FROM:<j\xf6rg@b.example> SMTPUTF8\n"
      "S: 553 address is not valid UTF-8 (#5.6.7)\n"
      "C: MAIL FROM:<a@b.example>\n"
      "S: 250 ok\n"
      "C: RCPT TO:<j\u00f6rg@here.example>\n"
      "S: 553 non-ASCII address without SMTPUTF8 (#5.6.7)\n"
      "C: MAIL FROM:<j\u00f6rg@b.example> BODY=8BITMIME smtputf8\n"
      "S: 250 ok\n"
      "C: RCPT TO:<j\u00f6rg@here.example>\n"
      "S: 250 ok\n"
      "C: RCPT TO:<x@b\u00fc\u2028.example>\n"
      "S: 553 sorry, there can be no domain of that name (#5.1.2)\n"
      "C: DATA\n"
      "S: 354 go ahead\n");
  EXPECT_EQ(session.envelope.sender, "j\u00f6rg@b.example");
  EXPECT_EQ(session.envelope.recipients, std::string("j\u00f6rg@here.example\0", 19));
  EXPECT_EQ(session.protocol, "UTF8SMTP");
}

TEST(SmtpServer, ThePolicySeesALabelsAndTheQueueWhatCame) {
  if (!mail::can_convert_u_labels()) {
    return;
  }
  SmtpServerSettings made = utf8_settings();
  made.policy.denied.senders = testing::denied_addresses({"@xn--bcher-kva.example"});
  made.policy.relay_suffix = "";
  Session session(made);
  session.play(
      "S: 220 mx.example ESMTP\n"
      "C: MAIL FROM:<a@B\u00fccher.example> SMTPUTF8\n"
      "S: 250 ok\n"
      "C: RCPT TO:<x@here.example>\n"
      "S: 553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)\n"
      "C: MAIL FROM:<a@fine.example> SMTPUTF8\n"
      "S: 250 ok\n"
      "C: RCPT TO:<x@stra\u00dfe.de>\n"
      "S: 250 ok\n"
      "C: DATA\n"
      "S: 354 go ahead\n");
  EXPECT_EQ(session.envelope.recipients, std::string("x@stra\u00dfe.de\0", 13));
}

TEST(SmtpServer, TransactionsBeginAndEnd) {
  Session session;
  session.play(
      "S: 220 mx.example ESMTP\n"
      "C: DATA\n"
      "S: 503 MAIL first (#5.5.1)\n"
      "C: MAIL FROM:<a@b>\n"
      "S: 250 ok\n"
      "C: DATA\n"
      "S: 503 RCPT first (#5.5.1)\n"
      "C: RCPT TO:<x@here.example>\n"
      "S: 250 ok\n"
      "C: RSET\n"
      "S: 250 flushed\n"
      "C: DATA\n"
      "S: 503 MAIL first (#5.5.1)\n"
      "C: MAIL FROM:<a@b>\n"
      "S: 250 ok\n"
      "C: RCPT TO:<x@here.example>\n"
      "S: 250 ok\n"
      "C: MAIL FROM:<c@d>\n"
      "S: 250 ok\n"
      "C: DATA\n"
      "S: 503 RCPT first (#5.5.1)\n"
      "C: RCPT TO:<>\n"
      "S: 250 ok\n"
      "C: NOOP\n"
      "S: 250 ok\n"
      "C: VRFY x\n"
      "S: 252 send some mail, i'll try my best\n"
      "C: EXPN x\n"
      "S: 502 unimplemented (#5.5.1)\n"
      "C: DATA\n"
      "S: 354 go ahead\n");
  EXPECT_EQ(session.envelope.sender, "c@d");
}

TEST(SmtpServer, QueueThatCannotStartEndsTheTransaction) {
  Session session;
  session.queue_works = false;
  session.play(
      "S: 220 mx.example ESMTP\n"
      "C: MAIL FROM:<a@b>\n"
      "S: 250 ok\n"
      "C: RCPT TO:<x@here.example>\n"
      "S: 250 ok\n"
      "C: DATA\n"
      "S: 451 qqt failure (#4.3.0)\n"
      "C: DATA\n"
      "S: 503 MAIL first (#5.5.1)\n");
}

TEST(SmtpServer, AddressOver899IsASyntaxErrorThatKeepsTheTransaction) {
  Session session;
  session.replies();
  session.send("MAIL FROM:<first@b>");
  session.send("RCPT TO:<x@here.example>");
  session.send("MAIL FROM:<" + std::string(899, 'y') + "z>");
  session.send("RCPT TO:<" + std::string(888, 'y') + "@here.example>");
  session.send("DATA");
  EXPECT_EQ(session.replies(),
            "250 ok\r\n250 ok\r\n555 syntax error (#5.5.4)\r\n555 syntax error (#5.5.4)\r\n"
            "354 go ahead\r\n");
  EXPECT_EQ(session.envelope.sender, "first@b");
  session.send("MAIL FROM:<" + std::string(899, 'y') + ">");
  EXPECT_EQ(session.replies(), "250 ok\r\n");
}

TEST(SmtpServer, ClientsThatGuessRecipientsAreSentAway) {
  SmtpServerSettings made = settings();
  made.policy.denied.recipients = testing::denied_addresses({"no@here.example"});
  made.policy.max_bad_recipients = 2;
  Session session(made);
  EXPECT_EQ(session.play("S: 220 mx.example ESMTP\n"
                         "C: MAIL FROM:<a@b>\n"
                         "S: 250 ok\n"
                         "C: RCPT TO:<no@here.example>\n"
                         "S: 553 sorry, your envelope recipient has been denied (#5.7.1)\n"
                         "C: RCPT TO:<no@far.example>\n"
                         "S: 553 sorry, that domain isn't in my list of allowed rcpthosts "
                         "(#5.7.1)\n"
                         "C: RSET\n"
                         "S: 250 flushed\n"
                         "C: MAIL FROM:<a@b>\n"
                         "S: 250 ok\n"
                         "C: RCPT TO:<no@here.example>\n"
                         "S: 553 sorry, your envelope recipient has been denied (#5.7.1)\n"
                         "C: RCPT TO:<yes@here.example>\n"
                         "S: 421 too many invalid addresses, goodbye (#4.3.0)\n"),
            SmtpAction::hang_up);
}

TEST(SmtpServer, RecipientsBeyondTheTarpitCountWait) {
  SmtpServerSettings made = settings();
  made.policy.denied.recipients = testing::denied_addresses({"no@here.example"});
  made.tarpit.count = 2;
  made.tarpit.delay = base::Seconds(7);
  SmtpServer server(made);
  const auto delay = [&server](std::string_view line) {
    SmtpStep step = server.handle(line);
    if (step.action == SmtpAction::ask) {
      EXPECT_EQ(step.delay, base::Seconds(0));
      step = server.answer(Answer{.yes = true});
    }
    return step.delay;
  };
  EXPECT_EQ(delay("RCPT TO:<a@b>"), base::Seconds(0)) << "no transaction";
  for (int message = 0; message < 2; ++message) {
    EXPECT_EQ(delay("MAIL FROM:<a@b>"), base::Seconds(0));
    EXPECT_EQ(delay("RCPT TO:<one@here.example>"), base::Seconds(0));
    EXPECT_EQ(delay("RCPT TO:<no@here.example>"), base::Seconds(0));
    EXPECT_EQ(delay("RCPT TO:<three@here.example>"), base::Seconds(7));
    EXPECT_EQ(delay("RCPT TO:<no@here.example>"), base::Seconds(7));
    EXPECT_EQ(delay("NOOP"), base::Seconds(0));
  }
  made.tarpit.count = 0;
  server = SmtpServer(made);
  EXPECT_EQ(delay("MAIL FROM:<a@b>"), base::Seconds(0));
  EXPECT_EQ(delay("RCPT TO:<one@here.example>"), base::Seconds(0));
}

TEST(SmtpServer, ListsSayWhatTheyRefuse) {
  SmtpServerSettings made = settings();
  made.policy.denied.helo = testing::denied_hosts({"bad.example"});
  SmtpServer server(made);
  EXPECT_TRUE(server.handle("HELO bad.example").log.empty());
  EXPECT_TRUE(server.handle("MAIL FROM:<a@b>").log.empty());
  const SmtpStep refused = server.handle("RCPT TO:<u@here.example>");
  EXPECT_EQ(refused.log, std::vector<std::string>{"badhelo: <bad.example> at unknown"});
  ASSERT_TRUE(refused.event);
  EXPECT_EQ(refused.event->reason, "badhelo");
  EXPECT_TRUE(server.handle("NOOP").log.empty());
  const SmtpStep early = SmtpServer::early_talker();
  EXPECT_EQ(early.reply, "554 SMTP protocol violation\r\n");
  EXPECT_EQ(early.status, "");
  EXPECT_EQ(early.action, SmtpAction::hang_up);
  EXPECT_EQ(early.event->reason, "pregreet");
}

TEST(SmtpServer, BadSendersAreRefusedAtEachRecipient) {
  SmtpServerSettings made = settings();
  made.policy.relay_suffix = "";
  made.policy.denied.senders = testing::denied_addresses({"bad@a.example", "@Spam.example"});
  Session session(made);
  session.play(
      "S: 220 mx.example ESMTP\n"
      "C: MAIL FROM:<BAD@a.example>\n"
      "S: 250 ok\n"
      "C: RCPT TO:<x@here.example>\n"
      "S: 553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)\n"
      "C: MAIL FROM:<x@y@spam.EXAMPLE>\n"
      "S: 250 ok\n"
      "C: RCPT TO:<x@here.example>\n"
      "S: 553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)\n"
      "C: MAIL FROM:<good@a.example>\n"
      "S: 250 ok\n"
      "C: RCPT TO:<x@here.example>\n"
      "S: 250 ok\n"
      "C: MAIL FROM:<>\n"
      "S: 250 ok\n"
      "C: RCPT TO:<x@here.example>\n"
      "S: 250 ok\n");
}

// No form of an address may lead to a domain that is not listed.
TEST(SmtpServer, RelayTricksAreRefused) {
  Session session;
  session.replies();
  session.send("MAIL FROM:<>");
  session.replies();
  for (const char* recipient :
       {"<u@evil.example>", "<@here.example:u@evil.example>", "<u@here.example@evil.example>",
        "<\"u@here.example\"@evil.example>", "<u%here.example@evil.example>",
        "<here.example!u@evil.example>", "<u@here.example.>", "<u@evil.example.>",
        "<u@[192.0.2.7]>", "<u@[127.0.0.1>", "<u@sub.here.example>", "<u@xhere.example>",
        "<u@here.example >", "<\"u@here.example>", "<u@here.example\\>", "<u@>",
        "<u@here.example,v@evil.example>", "u@evil.example <"}) {
    session.send(std::string("RCPT TO:") + recipient);
    const std::string reply = session.replies();
    if (std::string_view(recipient) == "u@evil.example <") {
      EXPECT_EQ(reply, "250 ok\r\n");  // the empty address, which leads to no other host
    } else {
      EXPECT_EQ(reply.substr(0, 4), "553 ") << recipient;
    }
  }
}

TEST(SmtpServer, NulIsRefusedAndTheSessionGoesOn) {
  Session session;
  session.replies();
  session.send("MAIL FROM:<>");
  session.send(std::string_view("RCPT TO:<u@here.example\0.evil.example>", 38));
  session.send(std::string_view("MAIL FROM:<a\0b@c>", 17));
  session.send(std::string_view("NOOP\0", 5));
  session.send("DATA");
  EXPECT_EQ(session.replies(),
            "250 ok\r\n501 malformed command (#5.5.2)\r\n501 malformed command (#5.5.2)\r\n"
            "501 malformed command (#5.5.2)\r\n503 RCPT first (#5.5.1)\r\n");
}

TEST(SmtpServer, ControlCharactersInAddressesAreRefused) {
  Session session;
  session.replies();
  session.send("MAIL FROM:<a\rb@c>");
  session.send("MAIL FROM:<\x1b[2J@c>");
  session.send("MAIL FROM:<a@c>");
  session.send("RCPT TO:<u\t@here.example>");
  session.send("RCPT TO:<u\x7f@here.example>");
  session.send("RCPT TO:u@here.example\r\r");
  session.send("DATA");
  // In other places of the line CRs do no harm.
  session.send("MAIL FROM:<a@c>\r\r");
  session.send("RCPT TO:\t<u@here.example>");
  EXPECT_EQ(session.replies(),
            "501 malformed command (#5.5.2)\r\n501 malformed command (#5.5.2)\r\n250 ok\r\n"
            "501 malformed command (#5.5.2)\r\n501 malformed command (#5.5.2)\r\n"
            "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)\r\n"
            "503 RCPT first (#5.5.1)\r\n250 ok\r\n250 ok\r\n");
}

TEST(SmtpServer, OwnAddressBecomesOwnHostBeforeTheChecks) {
  SmtpServerSettings made = settings();
  made.own_host = "here.example";
  made.policy.relay_suffix = "@relay.example";
  made.policy.denied.senders = testing::denied_addresses({"x@here.example"});
  Session session(made);
  session.replies();
  session.send("MAIL FROM:<x@[127.0.0.1]>");
  session.send("RCPT TO:<b@c>");
  session.send("MAIL FROM:<y@[127.0.0.1]>");
  session.send("RCPT TO:<b@[127.0.0.1]>");
  session.send("RCPT TO:<b@[192.0.2.1]>");
  session.send("DATA");
  EXPECT_EQ(session.replies(),
            "250 ok\r\n553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)\r\n"
            "250 ok\r\n250 ok\r\n250 ok\r\n354 go ahead\r\n");
  EXPECT_EQ(session.envelope.sender, "y@here.example");
  EXPECT_EQ(session.envelope.recipients,
            std::string("b@here.example@relay.example\0b@[192.0.2.1]@relay.example\0", 57));
  session.host().no_addresses = true;
  EXPECT_EQ(session.send("MAIL FROM:<y@[127.0.0.1]>"), SmtpAction::hang_up);
  EXPECT_EQ(session.replies(), "421 unable to figure out my IP addresses (#4.3.0)\r\n");
}

TEST(SmtpServer, Ipv6LiteralsCountOnlyIfThatVersionIsUsed) {
  for (const bool used : {false, true}) {
    SmtpServerSettings made = settings();
    made.own_host = "here.example";
    made.ipv6_literals = used;
    SmtpServer server(made);
    SmtpStep step = server.handle("MAIL FROM:<x@[IPv6:::1]>");
    EXPECT_EQ(step.action == SmtpAction::ask, used);
    if (used) {
      EXPECT_EQ(step.question->address.text(), "::1");
      EXPECT_EQ(server.answer(Answer{.yes = true}).reply, "250 ok\r\n");
    }
    EXPECT_EQ(server.envelope().sender, used ? "x@here.example" : "x@[IPv6:::1]");
  }
}

TEST(SmtpServer, WithoutOwnHostNoLiteralIsLookedUp) {
  SmtpServerSettings made = settings();
  made.own_host.reset();
  made.policy.relay_suffix = "";
  Session session(made);
  session.host().no_addresses = true;
  session.replies();
  session.send("MAIL FROM:<y@[127.0.0.1]>");
  EXPECT_EQ(session.replies(), "250 ok\r\n");
}

TEST(SmtpServer, BrokenListEndsTheSession) {
  Session session;
  session.host().broken_list = true;
  session.replies();
  session.send("MAIL FROM:<>");
  EXPECT_EQ(session.send("RCPT TO:<u@here.example>"), SmtpAction::hang_up);
  EXPECT_EQ(session.replies(), "250 ok\r\n421 unable to read controls (#4.3.0)\r\n");
}

TEST(SmtpServer, RecipientLimit) {
  SmtpServerSettings made = settings();
  made.policy.max_recipients = 2;
  Session session(made);
  session.play(
      "S: 220 mx.example ESMTP\n"
      "C: MAIL FROM:<>\n"
      "S: 250 ok\n"
      "C: RCPT TO:<a@here.example>\n"
      "S: 250 ok\n"
      "C: RCPT TO:<a@else.example>\n"
      "S: 553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)\n"
      "C: RCPT TO:<b@here.example>\n"
      "S: 250 ok\n"
      "C: RCPT TO:<c@here.example>\n"
      "S: 452 too many recipients (#4.5.3)\n"
      "C: DATA\n"
      "S: 354 go ahead\n"
      "C: MAIL FROM:<>\n"
      "S: 250 ok\n"
      "C: RCPT TO:<a@here.example>\n"
      "S: 250 ok\n");
  EXPECT_EQ(session.envelope.recipient_count, 2U);
}

// The limit of the envelope's size applies whatever maxrcpt is.
TEST(SmtpServer, EnvelopeLimit) {
  SmtpServerSettings made = settings();
  made.policy.relay_suffix = std::string(1000, 's');
  Session session(made);
  session.replies();
  session.send("MAIL FROM:<sender@c.example>");
  session.replies();
  const std::string recipient = "RCPT TO:<" + std::string(800, 'r') + "@here.example>";
  std::uint64_t accepted = 0;
  std::string last = "250 ok\r\n";
  while (last == "250 ok\r\n" && accepted < 20'000) {
    session.send(recipient);
    last = session.replies();
    accepted += last == "250 ok\r\n" ? 1 : 0;
  }
  EXPECT_EQ(last, "452 too many recipients (#4.5.3)\r\n");
  const std::size_t record = 1 + 800 + 13 + 1000 + 1;
  EXPECT_EQ(accepted, (mail::kNetworkEnvelopeMax - 19) / record);
  // The remaining room can be used.
  session.send("RCPT TO:<r@here.example>");
  session.send("DATA");
  session.replies();
  EXPECT_LE(session.envelope.recipients.size() + session.envelope.recipient_count,
            mail::kNetworkEnvelopeMax);
}

TEST(SmtpServer, TwentyUnknownCommandsInARowEndTheSession) {
  Session session;
  session.replies();
  for (int round = 0; round < 2; ++round) {
    for (unsigned i = 1; i < kUnknownCommandsMax; ++i) {
      EXPECT_EQ(session.send("XYZZY"), SmtpAction::none);
    }
    if (round == 0) {
      session.send("NOOP");
    }
    session.replies();
  }
  EXPECT_EQ(session.send("XYZZY"), SmtpAction::hang_up);
  EXPECT_EQ(session.replies(), "421 too many errors (#4.7.0)\r\n");
}

TEST(SmtpServer, HttpEndsTheSession) {
  Session session;
  session.replies();
  EXPECT_EQ(session.send("POST /x HTTP/1.1"), SmtpAction::hang_up);
  EXPECT_EQ(session.replies().substr(0, 4), "554 ");
}

TEST(SmtpServer, HeloIsCutAndRemembered) {
  Session session;
  EXPECT_FALSE(session.server().helo());
  session.send("HELO " + std::string(60000, 'h'));
  EXPECT_EQ(session.server().helo(), std::string(kHeloMax, 'h'));
  session.send("EHLO");
  EXPECT_EQ(session.server().helo(), "");
}

// Returns a session with a running queue program, whose process ID is 123.
SmtpServer with_queue(SmtpServerSettings made = settings()) {
  SmtpServer server(std::move(made));
  EXPECT_EQ(server.handle("MAIL FROM:<a@b>").reply, "250 ok\r\n");
  EXPECT_EQ(server.handle("RCPT TO:<root>").reply, "250 ok\r\n");
  EXPECT_EQ(server.handle("DATA").action, SmtpAction::open_queue);
  EXPECT_EQ(server.queue_opened(123).action, SmtpAction::receive);
  return server;
}

std::string reply_to(Result<void> queued) {
  SmtpServer server = with_queue();
  EXPECT_EQ(server.end_of_data({}).action, SmtpAction::finish_queue);
  const SmtpStep step = server.queued({std::move(queued), base::from_epoch(1700000000)});
  EXPECT_EQ(server.handle("DATA").reply, "503 MAIL first (#5.5.1)\r\n");
  return step.reply;
}

TEST(SmtpServer, AnswersToAMessage) {
  EXPECT_EQ(reply_to({}), "250 ok 1700000000 qp 123\r\n");
  EXPECT_EQ(reply_to(temporary("qq timeout (#4.3.0)")), "451 qq timeout (#4.3.0)\r\n");
  EXPECT_EQ(reply_to(permanent("no spam here")), "554 no spam here\r\n");
}

TEST(SmtpServer, AMessageThatIsRefusedIsNotQueued) {
  SmtpServerSettings limited = settings();
  limited.policy.databytes = 10;
  const char* const kTooLarge =
      "552 sorry, that message size exceeds my databytes limit (#5.3.4)\r\n";
  const char* const kLoop = "554 too many hops, this message is looping (#5.4.6)\r\n";
  EXPECT_EQ(with_queue(limited).end_of_data({false, 10}).action, SmtpAction::finish_queue);
  EXPECT_EQ(with_queue(limited).end_of_data({false, 11}).reply, kTooLarge);
  EXPECT_EQ(with_queue(limited).end_of_data({true, 11}).reply, kLoop);
  SmtpServer server = with_queue(limited);
  EXPECT_EQ(with_queue(limited).end_of_data({false, 11, true}).reply, kTooLarge);
  EXPECT_EQ(with_queue(limited).end_of_data({false, 9, true}).reply,
            "451 unable to hold message (#4.3.0)\r\n");
  const SmtpStep step = server.end_of_data({true, 9});
  EXPECT_EQ(step.reply, kLoop);
  EXPECT_EQ(step.action, SmtpAction::none);
  EXPECT_EQ(server.handle("RCPT TO:<root>").reply, "503 MAIL first (#5.5.1)\r\n");
}

TEST(SmtpServer, EventsForTheLog) {
  SmtpServer server = with_queue();
  (void)server.end_of_data({false, 7});
  const auto queued = server.queued({}).event;
  ASSERT_TRUE(queued.has_value());
  EXPECT_TRUE(queued->at_end_of_data);
  EXPECT_EQ(queued->reason, "queued");
  EXPECT_EQ(queued->sender, "a@b");
  EXPECT_EQ(queued->recipients, std::string("root\0", 5));
  EXPECT_EQ(queued->size, 7U);
  EXPECT_EQ(queued->queue_process, 123U);
  EXPECT_EQ(with_queue().end_of_data({true, 0}).event->reason, "hops");
  EXPECT_EQ(with_queue().queued({permanent("no"), {}}).event->reason, "queue");
  const auto at_mail = server.handle("MAIL FROM:<" + std::string(900, 'x') + ">").event;
  ASSERT_TRUE(at_mail.has_value());
  EXPECT_FALSE(at_mail->at_end_of_data);
  EXPECT_EQ(at_mail->reason, "syntax");
  EXPECT_EQ(at_mail->sender, std::string(900, 'x'));
  EXPECT_EQ(at_mail->recipients, "");
  (void)server.handle("MAIL FROM:<c@d>");
  const auto at_rcpt = server.handle("RCPT TO:<u\x7f>").event;
  ASSERT_TRUE(at_rcpt.has_value());
  EXPECT_EQ(at_rcpt->sender, "c@d");
  EXPECT_EQ(at_rcpt->recipients, std::string("u\x7f\0", 3));
  // An error in the order of commands is not an event, nor is a question that the host could
  // not answer.
  EXPECT_FALSE(server.handle("DATA").event.has_value());
  EXPECT_FALSE(server.handle("XYZZY").event.has_value());
  ASSERT_EQ(server.handle("RCPT TO:<u@v>").action, SmtpAction::ask);
  EXPECT_FALSE(server.answer(temporary("no list")).event.has_value());
}

// Nothing changes before all answers have come.
TEST(SmtpServer, AsksOneQuestionAfterTheOther) {
  SmtpServer server(settings());
  (void)server.handle("MAIL FROM:<a@b>");
  SmtpStep step = server.handle("RCPT TO:<u@[127.0.0.1]>");
  ASSERT_EQ(step.action, SmtpAction::ask);
  EXPECT_EQ(step.question->about, Question::About::own_address);
  EXPECT_EQ(step.question->address.text(), "127.0.0.1");
  step = server.answer(Answer{.yes = true});
  ASSERT_EQ(step.action, SmtpAction::ask);
  EXPECT_EQ(step.question->about, Question::About::listed_domain);
  EXPECT_EQ(step.question->domain, "ip.example");
  EXPECT_EQ(server.envelope().recipient_count, 0U);
  EXPECT_EQ(server.answer(Answer{.yes = true}).reply, "250 ok\r\n");
  EXPECT_EQ(server.envelope().recipients, std::string("u@ip.example\0", 13));
}

TEST(SmtpServer, EndsThatNoCommandAskedFor) {
  EXPECT_EQ(SmtpServer::timed_out().reply, "451 timeout (#4.4.2)\r\n");
  const SmtpServer server(settings());
  EXPECT_EQ(server.line_too_long().reply, "500 line too long (#5.5.6)\r\n");
  EXPECT_EQ(SmtpServer::bare_line_feed().reply,
            "451 See http://pobox.com/~djb/docs/smtplf.html.\r\n");
  EXPECT_EQ(SmtpServer::bare_line_feed().action, SmtpAction::hang_up);
}

TEST(SmtpServer, AHeldMessageHasItsQueueProgramLate) {
  SmtpServer server = with_queue();
  EXPECT_EQ(SmtpServer::message_awaited().reply, "354 go ahead\r\n");
  EXPECT_TRUE(server.in_transaction());
  (void)server.end_of_data({});
  server.queue_started(456);
  EXPECT_EQ(server.queued({{}, base::from_epoch(1'700'000'000)}).reply,
            "250 ok 1700000000 qp 456\r\n");
  EXPECT_FALSE(server.in_transaction());
  SmtpServer refusing = with_queue();
  (void)refusing.end_of_data({});
  const SmtpStep refused = refusing.refused(refusal(RefusalKind::filtered));
  EXPECT_EQ(refused.event->reason, "milter");
  EXPECT_FALSE(refusing.in_transaction());
  SmtpServer discarding = with_queue();
  (void)discarding.end_of_data({});
  EXPECT_EQ(discarding.discarded().reply, "250 ok\r\n");
}

}  // namespace
}  // namespace reqmail::proto
