// The checks of lists and limits, called through the policy.
#include "proto/list_checks.h"

#include <gtest/gtest.h>

#include "tests/unit/support/deny_lists.h"

namespace reqmail::proto {
namespace {

using testing::denied_addresses;
using testing::denied_hosts;

using Lines = std::vector<std::string>;

// A policy whose questions about domains are answered with yes.
struct Judged {
  RefusalKind kind = RefusalKind::none;
  std::string reason;
  Lines log;
};

Judged judge_rcpt(const MailPolicySettings& settings, const PolicyFacts& facts) {
  MailPolicy policy(settings, smtp_checks());
  Ruling ruling = policy.judge(PolicyPhase::rcpt, facts);
  while (std::holds_alternative<Question>(ruling)) {
    ruling = policy.answer(Answer{.yes = true}, facts);
  }
  Judged judged;
  if (const auto* refused = std::get_if<Refusal>(&ruling)) {
    judged.kind = refused->kind;
    judged.reason = refused->reason;
  }
  judged.log = policy.take_log();
  return judged;
}

PolicyFacts facts_of(std::string_view helo, std::string_view sender,
                     std::string_view recipient) {
  PolicyFacts facts;
  facts.helo = helo;
  facts.sender = sender;
  facts.recipient = recipient;
  return facts;
}

MailPolicySettings everything_denied() {
  MailPolicySettings settings;
  settings.client_ip = "192.0.2.1";
  settings.denied.helo = denied_hosts({"bad.example"});
  settings.denied.senders = denied_addresses({"@spam.example"});
  settings.denied.recipients = denied_addresses({"bob@here.example"});
  settings.denied.helo_norelay = denied_hosts({"odd.example"});
  settings.denied.senders_norelay = denied_addresses({"@odd.example"});
  settings.denied.recipients_norelay = denied_addresses({"odd@here.example"});
  return settings;
}

TEST(ListChecks, TheOrderIsHeloSenderRecipient) {
  MailPolicySettings settings = everything_denied();
  settings.max_recipients = 1;
  settings.max_bad_recipients = 1;
  PolicyFacts facts = facts_of("bad.example", "x@spam.example", "bob@here.example");
  facts.recipients = 1;
  facts.bad_recipients = 1;
  Judged judged = judge_rcpt(settings, facts);
  EXPECT_EQ(judged.reason, "badhelo");
  EXPECT_EQ(judged.log, Lines{"badhelo: <bad.example> at 192.0.2.1"});
  facts.helo = "good.example";
  judged = judge_rcpt(settings, facts);
  EXPECT_EQ(judged.reason, "badmailfrom");
  EXPECT_TRUE(judged.log.empty()) << "as in netqmail";
  settings.denied.expressions = true;
  EXPECT_EQ(judge_rcpt(settings, facts).log,
            Lines{"badmailfrom: <x@spam.example> at 192.0.2.1"});
  settings.denied.expressions = false;
  facts.sender = "x@odd.example";
  EXPECT_EQ(judge_rcpt(settings, facts).log,
            Lines{"badmailfrom: <x@odd.example> at 192.0.2.1"});
  facts.sender = "x@fine.example";
  judged = judge_rcpt(settings, facts);
  EXPECT_EQ(judged.reason, "brtlimit");
  EXPECT_TRUE(judged.log.empty());
  facts.bad_recipients = 0;
  judged = judge_rcpt(settings, facts);
  EXPECT_EQ(judged.reason, "badrcptto");
  EXPECT_EQ(judged.log, Lines{"badrcptto: <bob@here.example> at 192.0.2.1"});
  facts.recipient = "joe@here.example";
  EXPECT_EQ(judge_rcpt(settings, facts).reason, "maxrcpt");
  facts.recipients = 0;
  EXPECT_EQ(judge_rcpt(settings, facts).kind, RefusalKind::none);
}

TEST(ListChecks, SomeListsAreNotForClientsThatMayRelay) {
  MailPolicySettings settings = everything_denied();
  const PolicyFacts odd[] = {facts_of("odd.example", "a@b", "joe@here.example"),
                             facts_of("c", "a@odd.example", "joe@here.example"),
                             facts_of("c", "a@b", "odd@here.example")};
  const PolicyFacts bad[] = {facts_of("bad.example", "a@b", "joe@here.example"),
                             facts_of("c", "a@spam.example", "joe@here.example"),
                             facts_of("c", "a@b", "bob@here.example")};
  for (const PolicyFacts& facts : odd) {
    EXPECT_NE(judge_rcpt(settings, facts).kind, RefusalKind::none);
  }
  for (PolicyFacts facts : odd) {
    facts.user = "joe";
    EXPECT_EQ(judge_rcpt(settings, facts).kind, RefusalKind::none);
    facts.user.reset();
    facts.certified = true;
    EXPECT_EQ(judge_rcpt(settings, facts).kind, RefusalKind::none);
  }
  settings.relay_suffix = "";
  for (const PolicyFacts& facts : odd) {
    EXPECT_EQ(judge_rcpt(settings, facts).kind, RefusalKind::none);
  }
  for (const PolicyFacts& facts : bad) {
    EXPECT_NE(judge_rcpt(settings, facts).kind, RefusalKind::none);
  }
}

TEST(ListChecks, WithoutHeloAndSenderNothingIsRefused) {
  const MailPolicySettings settings = everything_denied();
  PolicyFacts facts = facts_of("", "", "joe@here.example");
  EXPECT_EQ(judge_rcpt(settings, facts).kind, RefusalKind::none);
  facts.helo.reset();
  EXPECT_EQ(judge_rcpt(settings, facts).kind, RefusalKind::none);
}

TEST(ListChecks, TextsOfExpressionsAndLog) {
  MailPolicySettings settings = everything_denied();
  const PolicyFacts facts = facts_of("c", "\x1b@spam.example", "joe@here.example");
  EXPECT_EQ(judge_rcpt(settings, facts).kind, RefusalKind::bad_sender);
  settings.denied.expressions = settings.denied.lines_are_logged = true;
  const Judged judged = judge_rcpt(settings, facts);
  EXPECT_EQ(judged.kind, RefusalKind::sender_denied);
  EXPECT_EQ(judged.log, Lines{"badmailfrom: <?@spam.example> matches pattern: @spam.example"});
  EXPECT_EQ(smtp_reply_line(refusal(RefusalKind::sender_denied)),
            "553 sorry, your envelope sender has been denied (#5.7.1)\r\n");
  EXPECT_EQ(smtp_reply_line(refusal(RefusalKind::recipient_denied)),
            "553 sorry, your envelope recipient has been denied (#5.7.1)\r\n");
  EXPECT_EQ(smtp_reply_line(refusal(RefusalKind::helo_denied)),
            "553 sorry, your HELO host name has been denied (#5.7.1)\r\n");
}

TEST(ListChecks, NullSendersAreRefusedAtMail) {
  MailPolicySettings settings;
  PolicyFacts facts;
  EXPECT_TRUE(std::holds_alternative<Accepted>(null_sender_is_welcome(settings, facts, {})));
  settings.null_senders_denied = true;
  const Ruling refused = MailPolicy(settings, smtp_checks()).judge(PolicyPhase::mail, facts);
  ASSERT_TRUE(std::holds_alternative<Refusal>(refused));
  EXPECT_EQ(smtp_reply_line(*std::get_if<Refusal>(&refused)),
            "421 null senders temporarily denied (#4.3.0)\r\n");
  EXPECT_TRUE(std::get_if<Refusal>(&refused)->ends_session);
  facts.sender = "a@b";
  EXPECT_TRUE(std::holds_alternative<Accepted>(null_sender_is_welcome(settings, facts, {})));
}

}  // namespace
}  // namespace reqmail::proto
