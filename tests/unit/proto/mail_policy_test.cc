// The policy alone: which check refuses, in which order, and what it asks.
#include "proto/mail_policy.h"

#include <gtest/gtest.h>

#include "mail/envelope.h"
#include "tests/unit/support/deny_lists.h"

namespace reqmail::proto {
namespace {

constexpr RefusalKind kAsks = RefusalKind::no_answer;

// Returns the kind of a ruling's refusal.
RefusalKind kind_of(const Ruling& ruling) {
  if (std::holds_alternative<Question>(ruling)) {
    return kAsks;
  }
  const auto* refused = std::get_if<Refusal>(&ruling);
  return refused == nullptr ? RefusalKind::none : refused->kind;
}

MailPolicy smtp(MailPolicySettings settings = {}) {
  return {std::move(settings), smtp_checks()};
}

TEST(MailPolicy, WithoutSettingsOnlyDomainsAreAskedFor) {
  MailPolicy policy = smtp();
  PolicyFacts facts;
  facts.sender = "a@b";
  facts.recipient = "u@far.example";
  for (const PolicyPhase phase :
       {PolicyPhase::connect, PolicyPhase::hello, PolicyPhase::auth, PolicyPhase::mail,
        PolicyPhase::data, PolicyPhase::end_of_data}) {
    EXPECT_EQ(kind_of(policy.judge(phase, facts)), RefusalKind::none);
  }
  const Ruling asked = policy.judge(PolicyPhase::rcpt, facts);
  ASSERT_TRUE(std::holds_alternative<Question>(asked));
  EXPECT_EQ(std::get_if<Question>(&asked)->about, Question::About::listed_domain);
  EXPECT_EQ(std::get_if<Question>(&asked)->domain, "far.example");
  EXPECT_EQ(kind_of(policy.answer(Answer{.yes = true}, facts)), RefusalKind::none);
  (void)policy.judge(PolicyPhase::rcpt, facts);
  EXPECT_EQ(kind_of(policy.answer(Answer{.yes = false}, facts)), RefusalKind::not_listed);
  (void)policy.judge(PolicyPhase::rcpt, facts);
  const Ruling failed = policy.answer(temporary("no list"), facts);
  ASSERT_TRUE(std::holds_alternative<Refusal>(failed));
  EXPECT_EQ(smtp_reply_line(*std::get_if<Refusal>(&failed)), "421 no list\r\n");
  EXPECT_TRUE(std::get_if<Refusal>(&failed)->ends_session);
  facts.recipient = "root";
  EXPECT_EQ(kind_of(policy.judge(PolicyPhase::rcpt, facts)), RefusalKind::none);
}

TEST(MailPolicy, WhoRelaysAndWithWhichSuffix) {
  MailPolicySettings settings;
  PolicyFacts facts;
  facts.recipient = "u@far.example";
  EXPECT_EQ(relay_suffix(settings, facts), std::nullopt);
  settings.relay_suffix = "@inside";
  EXPECT_EQ(relay_suffix(settings, facts), "@inside");
  EXPECT_EQ(kind_of(smtp(settings).judge(PolicyPhase::rcpt, facts)), RefusalKind::none);
  facts.user = "joe";
  EXPECT_EQ(relay_suffix(settings, facts), "");
  facts.user.reset();
  facts.certified = true;
  EXPECT_EQ(relay_suffix(MailPolicySettings(), facts), "");
  EXPECT_EQ(kind_of(smtp().judge(PolicyPhase::rcpt, facts)), RefusalKind::none);
}

TEST(MailPolicy, TheFirstRefusalOfMailWins) {
  MailPolicySettings settings;
  settings.tls_required = settings.login_required = settings.user_is_sender = true;
  settings.databytes = 10;
  MailPolicy policy = smtp(settings);
  PolicyFacts facts;
  facts.sender = "other";
  facts.announced_size = 11;
  EXPECT_EQ(kind_of(policy.judge(PolicyPhase::auth, facts)), RefusalKind::tls_first);
  EXPECT_EQ(kind_of(policy.judge(PolicyPhase::mail, facts)), RefusalKind::tls_first);
  facts.encrypted = true;
  EXPECT_EQ(kind_of(policy.judge(PolicyPhase::auth, facts)), RefusalKind::none);
  EXPECT_EQ(kind_of(policy.judge(PolicyPhase::mail, facts)), RefusalKind::login_first);
  facts.user = "joe";
  EXPECT_EQ(kind_of(policy.judge(PolicyPhase::mail, facts)), RefusalKind::not_the_user);
  facts.sender = "JOE";
  EXPECT_EQ(kind_of(policy.judge(PolicyPhase::mail, facts)), RefusalKind::too_large);
  facts.announced_size = 10;
  EXPECT_EQ(kind_of(policy.judge(PolicyPhase::mail, facts)), RefusalKind::none);
}

TEST(MailPolicy, TheFirstRefusalOfRcptWins) {
  MailPolicySettings settings;
  settings.denied.senders = testing::denied_addresses({"bad@a", "@Spam"});
  settings.max_recipients = 1;
  MailPolicy policy = smtp(settings);
  PolicyFacts facts;
  facts.sender = "x@y@SPAM";
  facts.recipient = "u@far.example";
  facts.recipients = 1;
  EXPECT_EQ(kind_of(policy.judge(PolicyPhase::rcpt, facts)), RefusalKind::bad_sender);
  facts.sender = "";
  EXPECT_EQ(kind_of(policy.judge(PolicyPhase::rcpt, facts)), kAsks);
  EXPECT_EQ(kind_of(policy.answer(Answer{.yes = true}, facts)),
            RefusalKind::too_many_recipients);
  facts.recipients = 0;
  (void)policy.judge(PolicyPhase::rcpt, facts);
  EXPECT_EQ(kind_of(policy.answer(Answer{.yes = true}, facts)), RefusalKind::none);
  // QMTP checks the room first, and has no list of bad senders.
  MailPolicy qmtp(settings, qmtp_checks());
  facts.sender = "bad@a";
  facts.recipients = 1;
  EXPECT_EQ(kind_of(qmtp.judge(PolicyPhase::rcpt, facts)), RefusalKind::too_many_recipients);
  facts.recipients = 0;
  EXPECT_EQ(kind_of(qmtp.judge(PolicyPhase::rcpt, facts)), kAsks);
  EXPECT_EQ(kind_of(MailPolicy({}, qmqp_checks()).judge(PolicyPhase::rcpt, facts)),
            RefusalKind::none);
}

TEST(MailPolicy, RoomInTheEnvelopeToTheByte) {
  MailPolicySettings settings;
  settings.relay_suffix = "@s";
  PolicyFacts facts;
  facts.recipient = "box";
  const std::uint64_t record = mail::record_size(3 + 2);
  for (const auto checks : {smtp_checks(), qmtp_checks(), qmqp_checks()}) {
    MailPolicy policy(settings, checks);
    facts.envelope_size = mail::kNetworkEnvelopeMax - mail::kNul.size() - record;
    EXPECT_EQ(kind_of(policy.judge(PolicyPhase::rcpt, facts)), RefusalKind::none);
    ++facts.envelope_size;
    EXPECT_EQ(kind_of(policy.judge(PolicyPhase::rcpt, facts)),
              RefusalKind::too_many_recipients);
  }
}

TEST(MailPolicy, HopsWinOverSize) {
  MailPolicySettings settings;
  settings.databytes = 1;
  PolicyFacts facts;
  facts.message_size = 2;
  facts.too_many_hops = true;
  EXPECT_EQ(kind_of(smtp(settings).judge(PolicyPhase::end_of_data, facts)),
            RefusalKind::looping);
  facts.too_many_hops = false;
  EXPECT_EQ(kind_of(smtp(settings).judge(PolicyPhase::end_of_data, facts)),
            RefusalKind::too_large);
  MailPolicy qmtp(settings, qmtp_checks());
  EXPECT_EQ(kind_of(qmtp.judge(PolicyPhase::end_of_data, facts)), RefusalKind::too_large);
}

// Checks of the kinds that may be added: one asks two questions, another one handles a failure
// itself.
Ruling asks_twice(const MailPolicySettings& /*settings*/, const PolicyFacts& /*facts*/,
                  Answers answers) {
  if (answers.size() < 2) {
    return Question{Question::About::listed_domain, {}, answers.empty() ? "first" : "second"};
  }
  const bool both = answers[0]->yes && answers[1]->yes;
  return both ? Ruling(refusal(RefusalKind::malformed)) : Ruling(Accepted());
}

Ruling goes_on_without_answer(const MailPolicySettings& /*settings*/,
                              const PolicyFacts& /*facts*/, Answers answers) {
  if (answers.empty()) {
    return Question{Question::About::listed_domain, {}, "third"};
  }
  if (!answers[0]) {
    return Accepted();
  }
  return refusal(RefusalKind::looping);
}

TEST(MailPolicy, SeveralQuestionsInOnePhase) {
  const PolicyCheck checks[] = {{PolicyPhase::data, asks_twice},
                                {PolicyPhase::data, goes_on_without_answer}};
  MailPolicy policy({}, checks);
  const PolicyFacts facts;
  const auto domain = [](const Ruling& ruling) {
    const auto* question = std::get_if<Question>(&ruling);
    return question == nullptr ? std::string("none") : question->domain;
  };
  EXPECT_EQ(domain(policy.judge(PolicyPhase::data, facts)), "first");
  EXPECT_EQ(domain(policy.answer(Answer{.yes = true}, facts)), "second");
  EXPECT_EQ(kind_of(policy.answer(Answer{.yes = true}, facts)), RefusalKind::malformed);
  // A new phase drops the answers of the one before.
  EXPECT_EQ(domain(policy.judge(PolicyPhase::data, facts)), "first");
  EXPECT_EQ(domain(policy.judge(PolicyPhase::data, facts)), "first");
  EXPECT_EQ(domain(policy.answer(Answer{.yes = true}, facts)), "second");
  EXPECT_EQ(domain(policy.answer(Answer{.yes = false}, facts)), "third");
  EXPECT_EQ(kind_of(policy.answer(temporary("late"), facts)), RefusalKind::none);
}

// Returns the refusal of a phase in which every question gets the same findings as answer.
Refusal judged(MailPolicy& policy, PolicyPhase phase, const PolicyFacts& facts,
               const SenderFindings& findings) {
  Ruling ruling = policy.judge(phase, facts);
  while (std::holds_alternative<Question>(ruling)) {
    ruling = policy.answer(Answer{.yes = true, .sender = findings}, facts);
  }
  const auto* refused = std::get_if<Refusal>(&ruling);
  return refused == nullptr ? Refusal() : *refused;
}

RefusalKind kind_at_mail(MailPolicy& policy, const PolicyFacts& facts,
                         const SenderFindings& findings) {
  return judged(policy, PolicyPhase::mail, facts, findings).kind;
}

RefusalKind kind_at_rcpt(MailPolicy& policy, const PolicyFacts& facts,
                         const SenderFindings& findings) {
  return judged(policy, PolicyPhase::rcpt, facts, findings).kind;
}

PolicyFacts some_transaction() {
  PolicyFacts facts;
  facts.helo = "h.example";
  facts.sender = "a@b.example";
  facts.recipient = "u@here.example";
  return facts;
}

TEST(MailPolicy, TheDnsIsAskedOnlyAboutWhatIsSwitchedOnAndNeverForThoseWhoRelay) {
  MailPolicySettings settings;
  const PolicyFacts facts = some_transaction();
  EXPECT_EQ(kind_of(smtp(settings).judge(PolicyPhase::mail, facts)), RefusalKind::none);
  for (int which = 0; which < 3; ++which) {
    settings.sender_checks = {};
    settings.sender_checks.domain = which == 0;
    settings.sender_checks.spf = which == 1;
    settings.sender_checks.lists = which == 2;
    const Ruling ruling = smtp(settings).judge(PolicyPhase::mail, facts);
    const auto* question = std::get_if<Question>(&ruling);
    ASSERT_NE(question, nullptr) << which;
    EXPECT_EQ(question->about, Question::About::sender);
    EXPECT_EQ(question->mailbox, "a@b.example");
    EXPECT_EQ(question->helo, "h.example");
    MailPolicySettings relaying = settings;
    relaying.relay_suffix = "";
    relaying.sender_checks.spf_level = 6;
    relaying.sender_checks.listed = {ListVerdict::Word::reject, "x"};
    EXPECT_EQ(kind_of(smtp(relaying).judge(PolicyPhase::mail, facts)), RefusalKind::none);
    EXPECT_EQ(kind_of(smtp(relaying).judge(PolicyPhase::rcpt, facts)), RefusalKind::none);
  }
}

TEST(MailPolicy, TheSendersDomainMustExist) {
  MailPolicySettings settings;
  settings.sender_checks.domain = true;
  MailPolicy policy = smtp(settings);
  const PolicyFacts facts = some_transaction();
  SenderFindings findings;
  EXPECT_EQ(kind_at_mail(policy, facts, findings), RefusalKind::none);
  findings.domain = mail::SenderDomain::missing;
  EXPECT_EQ(kind_at_mail(policy, facts, findings), RefusalKind::no_such_sender_domain);
  findings.domain = mail::SenderDomain::refuses_mail;
  EXPECT_EQ(kind_at_mail(policy, facts, findings), RefusalKind::sender_domain_refuses_mail);
  findings.domain = mail::SenderDomain::unknown;
  EXPECT_EQ(kind_at_mail(policy, facts, findings), RefusalKind::sender_domain_unknown);
}

TEST(MailPolicy, SpfRefusesFromItsLevelOn) {
  struct Row {
    mail::SpfWord word;
    std::uint64_t level;  // 0 means never
  };

  const PolicyFacts facts = some_transaction();
  for (const Row& row : {Row{mail::SpfWord::pass, 0}, Row{mail::SpfWord::fail, 3},
                         Row{mail::SpfWord::softfail, 4}, Row{mail::SpfWord::neutral, 5},
                         Row{mail::SpfWord::none, 6}, Row{mail::SpfWord::permerror, 6},
                         Row{mail::SpfWord::temperror, 0}}) {
    for (std::uint64_t level = 0; level <= 7; ++level) {
      MailPolicySettings settings;
      settings.sender_checks.spf = true;
      settings.sender_checks.spf_level = level;
      MailPolicy policy = smtp(settings);
      SenderFindings findings;
      findings.spf = row.word;
      findings.spf_explanation = "because";
      const bool trouble = row.word == mail::SpfWord::temperror && level >= 2;
      EXPECT_EQ(kind_at_mail(policy, facts, findings),
                trouble ? RefusalKind::spf_unknown : RefusalKind::none);
      const bool refuses = row.level > 0 && level >= row.level;
      const Refusal refused = judged(policy, PolicyPhase::rcpt, facts, findings);
      EXPECT_EQ(refused.kind, refuses ? RefusalKind::spf_refused : RefusalKind::none)
          << mail::spf_word(row.word) << level;
      EXPECT_EQ(refused.text, refuses ? "because (#5.7.1)" : "");
    }
  }
}

TEST(MailPolicy, ListsRefuseRecipientsAndAnEnvironmentDecidesInTheirPlace) {
  MailPolicySettings settings;
  settings.sender_checks.lists = true;
  const PolicyFacts facts = some_transaction();
  SenderFindings findings;
  MailPolicy policy = smtp(settings);
  using Word = ListVerdict::Word;
  for (const Word word : {Word::pass, Word::ignore, Word::accept}) {
    findings.lists = {word, "text"};
    EXPECT_EQ(kind_at_rcpt(policy, facts, findings), RefusalKind::none);
  }
  findings.lists = {Word::delay, "later"};
  EXPECT_EQ(kind_at_mail(policy, facts, findings), RefusalKind::none);
  EXPECT_EQ(smtp_reply_line(judged(policy, PolicyPhase::rcpt, facts, findings)),
            "451 later\r\n");
  findings.lists = {Word::reject, "never"};
  EXPECT_EQ(smtp_reply_line(judged(policy, PolicyPhase::rcpt, facts, findings)),
            "553 never\r\n");
  settings.sender_checks.listed = ListVerdict{Word::accept, {}};
  MailPolicy decided = smtp(settings);
  EXPECT_EQ(kind_at_rcpt(decided, facts, findings), RefusalKind::none);
}

TEST(MailPolicy, AQuestionAboutTheSenderWithoutAnswerRefusesNothing) {
  MailPolicySettings settings;
  settings.sender_checks.domain = true;
  MailPolicy policy = smtp(settings);
  const PolicyFacts facts = some_transaction();
  (void)policy.judge(PolicyPhase::mail, facts);
  EXPECT_EQ(kind_of(policy.answer(temporary("x"), facts)), RefusalKind::none);
}

TEST(Refusals, TheSameTextForEachProtocol) {
  const Refusal refused = refusal(RefusalKind::not_listed, "; a note");
  EXPECT_EQ(
      smtp_reply_line(refused),
      "553 sorry, that domain isn't in my list of allowed rcpthosts; a note (#5.7.1)\r\n");
  EXPECT_EQ(frame_verdict(refused),
            "Dsorry, that domain isn't in my list of allowed rcpthosts; a note (#5.7.1)");
  EXPECT_EQ(frame_verdict(refusal(RefusalKind::too_many_recipients)),
            "Ztoo many recipients (#4.5.3)");
  EXPECT_EQ(smtp_reply_line(refusal(RefusalKind::login_first)),
            "530 Authorization required (#5.7.1) \r\n");
}

// Checks the question of a phase, and the ruling after an answer that refuses and one that does
// not.
void expect_others_decide(MailPolicySettings settings, PolicyPhase phase,
                          Question::About about) {
  settings.relay_suffix.reset();
  MailPolicy policy(settings, smtp_checks());
  PolicyFacts facts;
  facts.sender = "a@b";
  facts.recipient = "c";
  facts.parameters = "SIZE=1";
  for (const bool refused : {true, false}) {
    Ruling ruling = policy.judge(phase, facts);
    while (std::get_if<Question>(&ruling) != nullptr &&
           std::get_if<Question>(&ruling)->about != about) {
      ruling = policy.answer(Answer(), facts);
    }
    ASSERT_NE(std::get_if<Question>(&ruling), nullptr);
    Answer answer;
    if (refused) {
      answer.refusal = refusal(RefusalKind::filtered);
    }
    ruling = policy.answer(answer, facts);
    EXPECT_EQ(std::holds_alternative<Refusal>(ruling), refused);
  }
}

TEST(MailPolicy, FiltersAndServicesAreAsked) {
  MailPolicySettings settings;
  settings.content_filters = true;
  expect_others_decide(settings, PolicyPhase::mail, Question::About::filters_on_sender);
  expect_others_decide(settings, PolicyPhase::rcpt, Question::About::filters_on_recipient);
  expect_others_decide(settings, PolicyPhase::data, Question::About::filters_on_data);
  settings.policy_services = true;
  expect_others_decide(settings, PolicyPhase::rcpt, Question::About::services_on_recipient);
  expect_others_decide(settings, PolicyPhase::rcpt, Question::About::services_at_last);
}

TEST(MailPolicy, ServicesAreNotAskedAboutClientsThatMayRelay) {
  MailPolicySettings settings;
  settings.policy_services = true;
  settings.relay_suffix = "";
  MailPolicy policy(settings, smtp_checks());
  PolicyFacts facts;
  facts.recipient = "c@d";
  EXPECT_TRUE(std::holds_alternative<Accepted>(policy.judge(PolicyPhase::rcpt, facts)));
}

TEST(Refusals, ATextMayHaveLines) {
  Refusal lines = refusal(RefusalKind::filtered);
  EXPECT_EQ(smtp_reply_line(lines), "550 rejected by a content filter (#5.7.1)\r\n");
  lines.text = "one\ntwo";
  EXPECT_EQ(smtp_reply_line(lines), "550-one\r\n550 two\r\n");
}

}  // namespace
}  // namespace reqmail::proto
