// The policy's check whether a recipient exists: its questions, their order, and the rulings
// after the answers.
#include "proto/recipient_checks.h"

#include <gtest/gtest.h>

#include <utility>

namespace reqmail::proto {
namespace {

using Lines = std::vector<std::string>;

class RecipientChecks : public ::testing::Test {
 protected:
  RecipientChecks() {
    settings.client_ip = "192.0.2.1";
    settings.recipient_checks.sources = {
        RecipientSource::validrcptto, RecipientSource::recipients, RecipientSource::realrcptto};
    facts.sender = "ann@client.example";
    facts.recipient = "bob@here.example";
    facts.helo = "client.example";
  }

  Ruling judge(const std::vector<Result<Answer>>& answers) const {
    return recipient_exists(settings, facts, answers);
  }

  static Answer opinion(Opinion opinion, std::string why = {}) {
    return {.word = std::move(why), .opinion = opinion};
  }

  static Answer check(mail::RecipientCheck check, std::string said = {}) {
    return {.check = check, .said = std::move(said)};
  }

  static Question asked(const Ruling& ruling) {
    const auto* question = std::get_if<Question>(&ruling);
    EXPECT_NE(question, nullptr);
    return question == nullptr ? Question() : *question;
  }

  static Lines log_of(const Ruling& ruling) {
    if (const auto* refused = std::get_if<Refusal>(&ruling)) {
      return refused->log;
    }
    const auto* accepted = std::get_if<Accepted>(&ruling);
    return accepted == nullptr ? Lines() : accepted->log;
  }

  static std::string reply(const Ruling& ruling) {
    const auto* refused = std::get_if<Refusal>(&ruling);
    if (refused == nullptr) {
      return std::holds_alternative<Accepted>(ruling) ? "accepted" : "asks";
    }
    return smtp_reply_line(*refused) + std::string(refused->reason) +
           (refused->ends_session ? " ends" : "") + (refused->bad_recipient ? " bad" : "");
  }

  MailPolicySettings settings;
  PolicyFacts facts;
};

TEST_F(RecipientChecks, SourcesAreAskedInTurnUntilOneHasAnOpinion) {
  const Result<Answer> none = opinion(Opinion::none);
  EXPECT_EQ(asked(judge({})).source, RecipientSource::validrcptto);
  EXPECT_EQ(asked(judge({})).mailbox, "bob@here.example");
  EXPECT_EQ(asked(judge({none})).source, RecipientSource::recipients);
  EXPECT_EQ(asked(judge({none, none})).source, RecipientSource::realrcptto);
  EXPECT_EQ(reply(judge({none, none, none})), "accepted");
  EXPECT_TRUE(log_of(judge({none, none, none})).empty());
  const Ruling found = judge({none, opinion(Opinion::yes)});
  EXPECT_EQ(reply(found), "accepted");
  EXPECT_EQ(log_of(found),
            Lines{"recipients: accepted address <bob@here.example> at 192.0.2.1"});
}

TEST_F(RecipientChecks, RefusalsOfEachSource) {
  const Result<Answer> none = opinion(Opinion::none);
  const Result<Answer> no = opinion(Opinion::no);
  EXPECT_EQ(
      reply(judge({no})),
      "553 sorry, this recipient is not in my validrcptto list (#5.7.1)\r\nvalidrcptto bad");
  EXPECT_EQ(log_of(judge({no})),
            Lines{"validrcptto: drop address <bob@here.example> at 192.0.2.1"});
  EXPECT_EQ(reply(judge({none, no})),
            "550 sorry, no mailbox here by that name (#5.1.1)\r\nrecipients bad");
  EXPECT_EQ(reply(judge({none, none, no})),
            "550 sorry, no mailbox here by that name (#5.1.1)\r\nnomailbox bad");
  settings.recipient_checks.refuses_for_now = settings.recipient_checks.marks_chkuser = true;
  EXPECT_EQ(reply(judge({none, no})),
            "450 sorry, no mailbox here by that name (#4.1.1)\r\nrecipients bad");
  EXPECT_EQ(reply(judge({none, none, no})),
            "550 sorry, no mailbox here by that name (#5.1.1) (chkuser)\r\nnomailbox bad");
}

TEST_F(RecipientChecks, WhatIsNotKnownIsNeverADefiniteNo) {
  const Result<Answer> none = opinion(Opinion::none);
  const Result<Answer> unsure = opinion(Opinion::unsure, "users/cdb: denied\n");
  EXPECT_EQ(reply(judge({none, unsure})),
            "451 unable to check recipient (#4.3.0)\r\nnomailbox");
  const Ruling accepted = judge({none, none, unsure});
  EXPECT_EQ(reply(accepted), "accepted");
  EXPECT_EQ(log_of(accepted), Lines{"realrcptto: unable to check address <bob@here.example> at "
                                    "192.0.2.1: users/cdb: denied?"});
  settings.recipient_checks.defers_unsure = true;
  EXPECT_EQ(reply(judge({none, none, unsure})),
            "451 unable to check recipient (#4.3.0)\r\nnomailbox");
  EXPECT_EQ(reply(judge({temporary("unable to read controls (#4.3.0)")})),
            "421 unable to read controls (#4.3.0)\r\n ends");
}

TEST_F(RecipientChecks, ClientsThatMayRelayAreNotAsked) {
  settings.recipient_checks.has_checker = true;
  facts.user = "joe";
  EXPECT_EQ(reply(judge({})), "accepted");
  settings.recipient_checks.checks_for_relays = true;
  EXPECT_EQ(asked(judge({})).about, Question::About::listed_domain);
  EXPECT_EQ(asked(judge({})).domain, "here.example");
  Question question = asked(judge({Answer{.yes = false}}));
  EXPECT_EQ(question.about, Question::About::checker);
  EXPECT_FALSE(question.listed || question.found);
  EXPECT_TRUE(asked(judge({Answer{.yes = true}})).listed);
  EXPECT_EQ(reply(judge({temporary("no list")})), "421 no list\r\n ends");
  facts.recipient = "box";
  EXPECT_TRUE(asked(judge({})).listed);
}

TEST_F(RecipientChecks, TheCheckerIsAskedAfterTheSources) {
  settings.recipient_checks.has_checker = true;
  const Result<Answer> none = opinion(Opinion::none);
  Question question = asked(judge({none, none, none}));
  EXPECT_EQ(question.about, Question::About::checker);
  EXPECT_EQ(question.mailbox, "bob@here.example");
  EXPECT_EQ(question.sender, "ann@client.example");
  EXPECT_EQ(question.helo, "client.example");
  EXPECT_TRUE(question.listed);
  EXPECT_FALSE(question.found);
  question = asked(judge({opinion(Opinion::yes)}));
  EXPECT_TRUE(question.found);
  const Ruling dropped = judge({opinion(Opinion::yes), check(mail::RecipientCheck::refused)});
  EXPECT_EQ(log_of(dropped),
            (Lines{"validrcptto: accepted address <bob@here.example> at 192.0.2.1",
                   "rcptcheck: drop address <bob@here.example> at 192.0.2.1"}));
}

TEST_F(RecipientChecks, VerdictsOfTheChecker) {
  settings.recipient_checks.sources.clear();
  settings.recipient_checks.has_checker = true;
  const auto said = [this](mail::RecipientCheck verdict, std::string words = {}) {
    return reply(judge({check(verdict, std::move(words))}));
  };
  using Check = mail::RecipientCheck;
  EXPECT_EQ(said(Check::accepted), "accepted");
  EXPECT_EQ(log_of(judge({check(Check::accepted)})),
            Lines{"rcptcheck: accepted address <bob@here.example> at 192.0.2.1"});
  EXPECT_EQ(said(Check::no_opinion), "accepted");
  EXPECT_TRUE(log_of(judge({check(Check::no_opinion)})).empty());
  EXPECT_EQ(said(Check::refused),
            "550 sorry, no mailbox here by that name. (#5.1.1)\r\nrcptcheck bad");
  EXPECT_EQ(said(Check::unsure), "421 unable to verify recipient (#4.3.0)\r\nrcptcheck ends");
  EXPECT_EQ(said(Check::not_run),
            "421 unable to execute recipient check (#4.3.0)\r\nrcptcheck ends");
  EXPECT_EQ(said(Check::over_limit),
            "421 you have exceeded your messaging limits (#4.3.0)\r\nrcptcheck ends");
  EXPECT_EQ(reply(judge({temporary("no process")})),
            "421 unable to execute recipient check (#4.3.0)\r\nrcptcheck ends");
  EXPECT_EQ(said(Check::accepted, "450 later\n"), "450 later\r\nrcptcheck");
}

TEST_F(RecipientChecks, RepliesThatTheCheckerWrites) {
  EXPECT_EQ(reply(refusal_of_checker("554 go away (#5.7.1)\r\nmore")),
            "554 go away (#5.7.1)\r\nrcptcheck bad");
  EXPECT_EQ(reply(refusal_of_checker("450 try\x1b later")), "450 try? later\r\nrcptcheck");
  EXPECT_EQ(reply(refusal_of_checker("421 enough")), "421 enough\r\nrcptcheck ends");
  EXPECT_EQ(reply(refusal_of_checker("550 " + std::string(600, 'x'))),
            "550 " + std::string(500, 'x') + "\r\nrcptcheck bad");
  for (const char* nonsense :
       {"250 fine", "55 x", "554", "554 ", "5544 x", "554-x", "abc", "\n", " 550 x", "650 x"}) {
    EXPECT_EQ(reply(refusal_of_checker(nonsense)),
              "451 temporary problem (#4.4.2)\r\nrcptcheck")
        << nonsense;
  }
}

}  // namespace
}  // namespace reqmail::proto
