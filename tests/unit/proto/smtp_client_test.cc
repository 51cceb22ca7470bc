// Both state machines of the client, one after the other, as they are used for one message.
#include "proto/smtp_client.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "base/number.h"
#include "mail/dsn.h"
#include "mail/idna.h"
#include "mail/verdict_codec.h"
#include "proto/smtp_client_connection.h"
#include "proto/smtp_client_transaction.h"
#include "proto/smtp_extensions.h"
#include "tests/unit/support/with_libidn2.h"

namespace reqmail::proto {
namespace {

// The settings and the envelope of a session.
struct Mail : SmtpClientSettings {
  std::string sender;
  std::vector<std::string> recipients;
  bool utf8 = false;
  bool pipelined = false;
  bool data_too = false;
  mail::DsnRequest dsn;
};

class SmtpClient {
 public:
  enum class Next { reply, tls, facts, message, close, out_of_step };

  struct Step {
    std::string send;
    Next next = Next::reply;
    bool secret = false;
  };

  explicit SmtpClient(const Mail& mail) : mail_(mail), connection_(mail) {}

  Step on_reply(const SmtpReply& reply) {
    return transaction_ ? step_of(transaction_->on_reply(reply))
                        : step_of(connection_.on_reply(reply));
  }

  Step on_tls() { return step_of(connection_.on_tls()); }

  Step on_message_facts(const std::optional<MessageFacts>& facts) {
    return step_of(transaction_->on_message_facts(facts));
  }

  [[nodiscard]] bool waits_for_tls() const { return connection_.waits_for_tls(); }

  [[nodiscard]] const std::vector<RecipientOutcome>& recipients() const {
    return transaction_->recipients();
  }

  [[nodiscard]] const SmtpEnding& outcome() const {
    return transaction_ ? transaction_->outcome() : connection_.outcome();
  }

  [[nodiscard]] bool needs_reset() const { return transaction_->needs_reset(); }

  [[nodiscard]] bool is_decided() const { return transaction_->is_decided(); }

 private:
  Step step_of(const SmtpClientConnection::Step& step) {
    switch (step.next) {
    case SmtpClientConnection::Next::reply:
      return {step.send, Next::reply, step.secret};
    case SmtpClientConnection::Next::tls:
      return {step.send, Next::tls, step.secret};
    case SmtpClientConnection::Next::close:
      return {step.send, Next::close, step.secret};
    case SmtpClientConnection::Next::ready:
      break;
    }
    transaction_.emplace(SmtpClientEnvelope{mail_.sender, mail_.recipients, mail_.dsn,
                                            mail_.utf8, mail_.pipelined, mail_.data_too},
                         connection_.extensions(), mail_.login);
    return step_of(transaction_->begin());
  }

  static Step step_of(const SmtpClientTransaction::Step& step) {
    switch (step.next) {
    case SmtpClientTransaction::Next::reply:
      return {step.send, Next::reply, false};
    case SmtpClientTransaction::Next::facts:
      return {step.send, Next::facts, false};
    case SmtpClientTransaction::Next::message:
      return {step.send, Next::message, false};
    case SmtpClientTransaction::Next::out_of_step:
      EXPECT_EQ(step.send, "");
      return {"<out of step>", Next::out_of_step, false};
    case SmtpClientTransaction::Next::done:
      break;
    }
    EXPECT_EQ(step.send, "");
    return {"QUIT\r\n", Next::close, false};
  }

  Mail mail_;
  SmtpClientConnection connection_;
  std::optional<SmtpClientTransaction> transaction_;
};

using Next = SmtpClient::Next;

// Returns what the client sends for a list of replies; "<message>" is the message.
std::vector<std::string> talk(SmtpClient& client, const std::vector<std::string>& replies) {
  std::vector<std::string> said;
  for (const std::string& text : replies) {
    SmtpReplyParser parser;
    const std::string bytes = text + "\r\n";
    std::string_view input = bytes;
    EXPECT_EQ(parser.feed(input), SmtpReplyParser::State::complete);
    const SmtpClient::Step step = client.on_reply(parser.take());
    said.push_back(step.next == Next::message ? "<message>" : step.send);
    if (step.next == Next::close || step.next == Next::out_of_step) {
      break;
    }
  }
  return said;
}

SmtpClient client_for(std::vector<std::string> recipients = {"x@b.example"}) {
  Mail mail;
  mail.hello = "me.example";
  mail.sender = "s@a.example";
  mail.recipients = std::move(recipients);
  return SmtpClient(mail);
}

using Lines = std::vector<std::string>;

TEST(SmtpClient, AWholeSession) {
  SmtpClient client = client_for({"x@b.example", "two words@b.example"});
  EXPECT_EQ(
      talk(client, {"220 hi", "250 me", "250 s", "250 x", "251 y", "354 go", "250 done"}),
      (Lines{"EHLO me.example\r\n", "MAIL FROM:<s@a.example>\r\n", "RCPT TO:<x@b.example>\r\n",
             "RCPT TO:<\"two words\"@b.example>\r\n", "DATA\r\n", "<message>", "QUIT\r\n"}));
  EXPECT_EQ(client.outcome().stage, SmtpStage::message);
  EXPECT_EQ(client.outcome().verdict, mail::Grade::success);
  EXPECT_EQ(client.outcome().reply, "250 done\n");
  ASSERT_EQ(client.recipients().size(), 2U);
  EXPECT_EQ(client.recipients()[1].verdict, mail::Grade::success);
}

TEST(SmtpClient, HeloWhereEhloIsRefusedForGood) {
  for (const char* refusal : {"500 what", "502 no", "550-no\r\n550 way", "554 no"}) {
    SmtpClient client = client_for();
    const Lines said = talk(client, {"220 hi", refusal, "250 me"});
    EXPECT_EQ(said, (Lines{"EHLO me.example\r\n", "HELO me.example\r\n",
                           "MAIL FROM:<s@a.example>\r\n"}))
        << refusal;
  }
}

struct Ending {
  const char* name;
  Lines replies;
  SmtpStage stage;
  mail::Grade verdict;
  const char* reply;
};

TEST(SmtpClient, WhereAndHowItEnds) {
  const Lines rcpt = {"220 hi", "250 me", "250 s"};
  const auto after = [&rcpt](const Lines& more) {
    Lines all = rcpt;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const mail::Grade temporary = mail::Grade::temporary;
  const mail::Grade permanent = mail::Grade::permanent;
  const Ending endings[] = {
      {"greeting 4", {"421 later"}, SmtpStage::greeting, temporary, "421 later\n"},
      {"greeting 5", {"554 no"}, SmtpStage::greeting, temporary, "554 no\n"},
      {"greeting 250", {"250 hi"}, SmtpStage::greeting, temporary, "250 hi\n"},
      {"greeting odd", {"hello"}, SmtpStage::greeting, temporary, "hello\n"},
      {"ehlo 4", {"220 hi", "421 later"}, SmtpStage::hello, temporary, "421 later\n"},
      {"ehlo 220", {"220 hi", "220 hi"}, SmtpStage::hello, temporary, "220 hi\n"},
      {"helo 5", {"220 hi", "502 no", "550 no"}, SmtpStage::hello, temporary, "550 no\n"},
      {"mail 4", {"220 hi", "250 me", "451 no"}, SmtpStage::sender, temporary, "451 no\n"},
      {"mail 5", {"220 hi", "250 me", "553 no"}, SmtpStage::sender, permanent, "553 no\n"},
      {"mail odd", {"220 hi", "250 me", "hm"}, SmtpStage::sender, temporary, "hm\n"},
      {"rcpt none", after({"450 later"}), SmtpStage::recipients, permanent, ""},
      {"data 4", after({"250 r", "451 no"}), SmtpStage::data, temporary, "451 no\n"},
      {"data 5", after({"250 r", "554 no"}), SmtpStage::data, permanent, "554 no\n"},
      {"dot 4", after({"250 r", "354 go", "451 no"}), SmtpStage::message, temporary,
       "451 no\n"},
      {"dot 5", after({"250 r", "354 go", "554 no"}), SmtpStage::message, permanent,
       "554 no\n"},
      {"dot odd", after({"250 r", "354 go", "okay"}), SmtpStage::message, temporary, "okay\n"},
      {"dot 3", after({"250 r", "250 go", "354 ok"}), SmtpStage::message, mail::Grade::success,
       "354 ok\n"},
  };
  for (const Ending& ending : endings) {
    SmtpClient client = client_for();
    const Lines said = talk(client, ending.replies);
    EXPECT_EQ(said.size(), ending.replies.size()) << ending.name;
    EXPECT_EQ(said.back(), "QUIT\r\n") << ending.name;
    EXPECT_EQ(client.outcome().stage, ending.stage) << ending.name;
    EXPECT_EQ(client.outcome().verdict, ending.verdict) << ending.name;
    EXPECT_EQ(client.outcome().reply, ending.reply) << ending.name;
  }
}

TEST(SmtpClient, EachRecipientHasItsAnswer) {
  SmtpClient client = client_for({"x@b.example", "y@b.example", "z@b.example", "w@b.example"});
  const Lines said =
      talk(client, {"220 hi", "250 me", "250 s", "550 no", "450 busy", "250 ok", "odd"});
  EXPECT_EQ(said.back(), "DATA\r\n");
  const auto& answers = client.recipients();
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(answers[0].verdict, mail::Grade::permanent);
  EXPECT_EQ(answers[0].reply, "550 no\n");
  EXPECT_EQ(answers[1].verdict, mail::Grade::temporary);
  EXPECT_EQ(answers[2].verdict, mail::Grade::success);
  EXPECT_EQ(answers[2].reply, "");
  EXPECT_EQ(answers[3].verdict, mail::Grade::temporary);
}

// The settings of a session, and the extensions of the server.
Mail mail_with_tls() {
  Mail made;
  made.hello = "me.example";
  made.sender = "s@a.example";
  made.recipients = {"x@b.example"};
  made.starttls = true;
  return made;
}

constexpr const char* kStarttls = "250-mx\r\n250-PIPELINING\r\n250 starttls";

SmtpClient::Step reply_to(SmtpClient& client, const std::string& text) {
  SmtpReplyParser parser;
  const std::string bytes = text + "\r\n";
  std::string_view input = bytes;
  EXPECT_EQ(parser.feed(input), SmtpReplyParser::State::complete);
  return client.on_reply(parser.take());
}

TEST(SmtpClient, StarttlsAndEverythingAnew) {
  SmtpClient client(mail_with_tls());
  EXPECT_EQ(talk(client, {"220 hi", kStarttls}),
            (Lines{"EHLO me.example\r\n", "STARTTLS\r\n"}));
  EXPECT_TRUE(client.waits_for_tls());
  EXPECT_EQ(reply_to(client, "220 go").next, Next::tls);
  EXPECT_EQ(client.on_tls().send, "EHLO me.example\r\n");
  EXPECT_FALSE(client.waits_for_tls());
  // STARTTLS, which the server offers again, is not used, nor is SIZE, which it does not offer
  // any more.
  EXPECT_EQ(reply_to(client, kStarttls).send, "MAIL FROM:<s@a.example>\r\n");
}

TEST(SmtpClient, StarttlsIsAKeywordOfItsOwn) {
  for (const char* offer :
       {"250 STARTTLS", "250-mx\r\n250 XSTARTTLS", "250-mx\r\n250 HELP STARTTLS",
        "250-mx\r\n250 STARTTLSX", "250-mx\r\n250 "}) {
    SmtpClient client(mail_with_tls());
    EXPECT_EQ(talk(client, {"220 hi", offer}).back(), "MAIL FROM:<s@a.example>\r\n") << offer;
  }
  Mail clear = mail_with_tls();
  clear.starttls = false;
  SmtpClient client(clear);
  EXPECT_EQ(talk(client, {"220 hi", kStarttls}).back(), "MAIL FROM:<s@a.example>\r\n");
}

TEST(SmtpClient, ARefusedStarttls) {
  SmtpClient client(mail_with_tls());
  EXPECT_EQ(talk(client, {"220 hi", kStarttls, "454 not now"}).back(),
            "MAIL FROM:<s@a.example>\r\n");
  SmtpClient leaving(mail_with_tls());
  EXPECT_EQ(talk(leaving, {"220 hi", kStarttls, "421 bye"}).back(), "QUIT\r\n");
  EXPECT_EQ(leaving.outcome().stage, SmtpStage::starttls);
}

TEST(SmtpClient, NothingIsMailedWhereTlsIsRequiredAndMissing) {
  const std::pair<Lines, SmtpStage> refusals[] = {
      {{"220 hi", "250 mx"}, SmtpStage::no_tls},
      {{"220 hi", "500 what", "250 mx"}, SmtpStage::no_tls},
      {{"220 hi", kStarttls, "454 not now"}, SmtpStage::starttls},
      {{"220 hi", kStarttls, "421 bye"}, SmtpStage::starttls}};
  for (const auto& [replies, stage] : refusals) {
    Mail strict = mail_with_tls();
    strict.tls_required = true;
    SmtpClient client(strict);
    EXPECT_EQ(talk(client, replies).back(), "QUIT\r\n");
    EXPECT_EQ(client.outcome().stage, stage);
    EXPECT_EQ(client.outcome().verdict, mail::Grade::temporary);
  }
}

TEST(SmtpClient, AfterStarttlsWasRefusedTheFirstAnswerCounts) {
  SmtpClient client(mail_with_tls());
  talk(client, {"220 hi", "250-mx\r\n250-SIZE 99\r\n250 STARTTLS"});
  EXPECT_EQ(reply_to(client, "454 no").next, Next::facts);
  EXPECT_EQ(client.on_message_facts(MessageFacts{7, true}).send,
            "MAIL FROM:<s@a.example> SIZE=7\r\n");
}

TEST(SmtpClient, SizeAndBodyAsTheServerAndTheMessageHaveThem) {
  const auto mail = [](const std::string& offer, std::optional<MessageFacts> facts) {
    SmtpClient client(mail_with_tls());
    talk(client, {"220 hi", offer});
    return client.on_message_facts(facts).send;
  };
  const std::string both = "250-mx\r\n250-SIZE\r\n250 8BITMIME";
  EXPECT_EQ(mail(both, MessageFacts{120, true}),
            "MAIL FROM:<s@a.example> SIZE=120 BODY=8BITMIME\r\n");
  EXPECT_EQ(mail(both, MessageFacts{120, false}), "MAIL FROM:<s@a.example> SIZE=120\r\n");
  EXPECT_EQ(mail(both, std::nullopt), "MAIL FROM:<s@a.example>\r\n");
  EXPECT_EQ(mail("250-mx\r\n250 8bitmime", MessageFacts{120, true}),
            "MAIL FROM:<s@a.example> BODY=8BITMIME\r\n");
  EXPECT_EQ(mail("250-mx\r\n250 size 10", MessageFacts{120, true}),
            "MAIL FROM:<s@a.example> SIZE=120\r\n");
}

// Returns the commands for a recipient and a header at a server, or the last stage.
Lines utf8_talk(const std::string& recipient, bool eight_bit_header, const std::string& offer,
                bool utf8 = true) {
  Mail mail;
  mail.hello = "me.example";
  mail.sender = "s@a.example";
  mail.recipients = {recipient};
  mail.utf8 = utf8;
  SmtpClient client(mail);
  talk(client, {"220 hi", "250-mx\r\n250 " + offer});
  const auto step = client.on_message_facts(MessageFacts{
      .size = 9, .eight_bit = eight_bit_header, .eight_bit_header = eight_bit_header});
  if (step.next == Next::close) {
    EXPECT_EQ(client.outcome().stage, SmtpStage::no_utf8);
    EXPECT_EQ(client.outcome().verdict, mail::Grade::permanent);
    return {step.send};
  }
  Lines said = talk(client, {"250 s"});
  said.insert(said.begin(), step.send);
  return said;
}

TEST(SmtpClient, SmtpUtf8IsSaidWhereItIsNeeded) {
  const std::string mail = "MAIL FROM:<s@a.example>";
  EXPECT_EQ(utf8_talk("x@b.example", false, "SMTPUTF8"),
            (Lines{mail + "\r\n", "RCPT TO:<x@b.example>\r\n"}));
  EXPECT_EQ(utf8_talk("x@b.example", true, "smtputf8"),
            (Lines{mail + " SMTPUTF8\r\n", "RCPT TO:<x@b.example>\r\n"}));
  EXPECT_EQ(utf8_talk("x@b\u00fccher.example", false, "SMTPUTF8"),
            (Lines{mail + " SMTPUTF8\r\n", "RCPT TO:<x@b\u00fccher.example>\r\n"}));
  // With the extension a local part needs quotes only for what else has a meaning.
  EXPECT_EQ(utf8_talk("j\u00f6rg@b.example", false, "SMTPUTF8").back(),
            "RCPT TO:<j\u00f6rg@b.example>\r\n");
  EXPECT_EQ(utf8_talk("j\u00f6 rg@b.example", false, "SMTPUTF8").back(),
            "RCPT TO:<\"j\u00f6 rg\"@b.example>\r\n");
  EXPECT_EQ(utf8_talk("j\xf6rg@b.example", false, "SMTPUTF8").back(),
            "RCPT TO:<\"j\xf6rg\"@b.example>\r\n");
  EXPECT_EQ(utf8_talk("x@b.example", true, "8BITMIME", false),
            (Lines{mail + " BODY=8BITMIME\r\n", "RCPT TO:<x@b.example>\r\n"}));
}

TEST(SmtpClient, AServerWithoutSmtpUtf8GetsALabelsOrNothing) {
  EXPECT_EQ(utf8_talk("x@b.example", true, "SIZE"), Lines{"QUIT\r\n"});
  EXPECT_EQ(utf8_talk("j\u00f6rg@b.example", false, "SIZE"), Lines{"QUIT\r\n"});
  EXPECT_EQ(utf8_talk("x@b\u00fc\u2028.example", false, "SIZE"), Lines{"QUIT\r\n"});
  if (mail::can_convert_u_labels()) {
    EXPECT_EQ(
        utf8_talk("x@b\u00fccher.example", false, "SIZE"),
        (Lines{"MAIL FROM:<s@a.example> SIZE=9\r\n", "RCPT TO:<x@xn--bcher-kva.example>\r\n"}));
  }
}

TEST(SmtpClient, ReportsAreWantedForTheALabelsToo) {
  if (!mail::can_convert_u_labels()) {
    return;
  }
  Mail mail;
  mail.hello = "me.example";
  mail.sender = "s@a.example";
  mail.recipients = {"x@b\u00fccher.example", "y@b.example"};
  mail.utf8 = true;
  mail.dsn.recipients = {
      {mail.recipients[0], mail::DsnNotify{.success = true}, "rfc822;o@a.example"}};
  SmtpClient client(mail);
  talk(client, {"220 hi", "250-mx\r\n250-SIZE\r\n250 DSN"});
  (void)client.on_message_facts(MessageFacts{.size = 9});
  EXPECT_EQ(
      talk(client, {"250 s", "250 r"}),
      (Lines{"RCPT TO:<x@xn--bcher-kva.example> NOTIFY=SUCCESS ORCPT=rfc822;o@a.example\r\n",
             "RCPT TO:<y@b.example>\r\n"}));
}

TEST(SmtpClient, LoginInsideTlsAndNowhereElse) {
  const SaslLogin login("joe", "secret");
  const std::string offer = "250-mx\r\n250-AUTH LOGIN PLAIN\r\n250 STARTTLS";
  Mail in_clear = mail_with_tls();
  in_clear.login = &login;
  SmtpClient client(in_clear);
  talk(client, {"220 hi", offer});
  EXPECT_EQ(reply_to(client, "220 go").next, Next::tls);
  client.on_tls();
  const SmtpClient::Step step = reply_to(client, offer);
  EXPECT_EQ(step.send, "AUTH LOGIN\r\n");
  EXPECT_TRUE(step.secret);
  EXPECT_EQ(talk(client, {"334 x", "334 x", "235 ok"}),
            (Lines{"am9l\r\n", "c2VjcmV0\r\n", "MAIL FROM:<s@a.example>\r\n"}));
  for (const Lines& replies :
       {Lines{"220 hi", "250-mx\r\n250 AUTH PLAIN"}, Lines{"220 hi", offer, "454 no"},
        Lines{"220 hi", offer, "421 no"}, Lines{"220 hi", "500 no", "250 mx"}}) {
    SmtpClient refused(in_clear);
    EXPECT_EQ(talk(refused, replies).back(), "QUIT\r\n");
    EXPECT_EQ(refused.outcome().stage, SmtpStage::login_needs_tls);
  }
  in_clear.login_in_clear = true;
  in_clear.starttls = false;
  SmtpClient allowed(in_clear);
  EXPECT_EQ(talk(allowed, {"220 hi", offer}).back(), "AUTH LOGIN\r\n");
}

TEST(SmtpClient, TheFirstMechanismThatWeKnow) {
  const SaslLogin login("joe", "secret");
  const auto asked = [&login](const std::string& offer) {
    Mail inside = mail_with_tls();
    inside.secure = true;
    inside.login = &login;
    SmtpClient client(inside);
    const std::string said = talk(client, {"220 hi", "250-mx\r\n" + offer}).back();
    return said.substr(0, said.find_first_of("\r", 0)).substr(0, 13);
  };
  EXPECT_EQ(asked("250 AUTH GSSAPI CRAM-MD5 PLAIN"), "AUTH CRAM-MD5");
  EXPECT_EQ(asked("250 auth login plain cram-md5"), "AUTH LOGIN");
  EXPECT_EQ(asked("250 AUTH PLAIN LOGIN"), "AUTH PLAIN AG");
  EXPECT_EQ(asked("250 AUTH=LOGIN PLAIN"), "AUTH LOGIN");
  EXPECT_EQ(asked("250-AUTH SCRAM-SHA-1\r\n250 AUTH=PLAIN"), "AUTH PLAIN AG");
  for (const char* none : {"250 AUTH", "250 AUTH XOAUTH2", "250 XAUTH PLAIN", "250 OK"}) {
    EXPECT_EQ(asked(none), "QUIT") << none;
  }
}

TEST(SmtpClient, ALoginThatIsRefused) {
  const SaslLogin login("joe", "secret");
  const std::pair<Lines, const char*> ends[] = {
      {{"535 no"}, "QUIT\r\n"},           {{"334 x", "535 no joe"}, "QUIT\r\n"},
      {{"250 ok"}, "QUIT\r\n"},           {{"334 x", "334 x", "334 x"}, "*\r\nQUIT\r\n"},
      {{"454 later secret"}, "QUIT\r\n"}, {{"hm"}, "QUIT\r\n"}};
  for (const auto& [replies, farewell] : ends) {
    Mail inside = mail_with_tls();
    inside.secure = true;
    inside.login = &login;
    SmtpClient client(inside);
    talk(client, {"220 hi", "250-mx\r\n250 AUTH LOGIN"});
    EXPECT_EQ(talk(client, replies).back(), farewell) << replies.front();
    EXPECT_EQ(client.outcome().stage, SmtpStage::login);
    EXPECT_EQ(client.outcome().verdict, mail::Grade::temporary);
    EXPECT_EQ(client.outcome().mechanism, "LOGIN");
    EXPECT_EQ(client.outcome().reply.find("joe"), std::string::npos);
    EXPECT_EQ(client.outcome().reply.find("secret"), std::string::npos);
  }
}

TEST(SmtpClient, LaterRepliesShowNoLoginEither) {
  const SaslLogin login("joe", "secret");
  Mail inside = mail_with_tls();
  inside.secure = true;
  inside.login = &login;
  SmtpClient client(inside);
  talk(client,
       {"220 hi", "250-mx\r\n250 AUTH PLAIN", "235 ok", "250 ok", "550 not owned by joe"});
  EXPECT_EQ(client.recipients()[0].reply, "550 not owned by ***\n");
}

TEST(SmtpClient, WhatTheServerStillHasOfATransaction) {
  const Lines start = {"220 hi", "250 me"};
  const std::pair<Lines, bool> ends[] = {
      {{"553 no"}, false},
      {{"250 s", "450 later"}, true},
      {{"250 s", "250 r", "451 no"}, true},
      {{"250 s", "250 r", "354 go", "451 no"}, false},
      {{"250 s", "250 r", "354 go", "250 done"}, false},
  };
  for (const auto& [replies, expected] : ends) {
    SmtpClient client = client_for();
    talk(client, start);
    EXPECT_EQ(talk(client, replies).back(), "QUIT\r\n");
    EXPECT_EQ(client.needs_reset(), expected) << replies.back();
  }
}

// Where the server has said what it can.
SmtpClient pipelining_client(bool wanted, bool offered) {
  Mail mail;
  mail.hello = "me.example";
  mail.sender = "s@a.example";
  mail.recipients = {"x@b.example", "y@b.example"};
  mail.pipelined = wanted;
  SmtpClient client(mail);
  talk(client, {"220 hi"});
  const Lines said = talk(client, {offered ? "250-me\r\n250 PIPELINING" : "250 me"});
  EXPECT_EQ(said,
            Lines{wanted && offered ? "MAIL FROM:<s@a.example>\r\nRCPT TO:<x@b.example>\r\n"
                                      "RCPT TO:<y@b.example>\r\n"
                                    : "MAIL FROM:<s@a.example>\r\n"});
  return client;
}

TEST(SmtpClient, SenderAndRecipientsTogetherWhereBothSidesWantIt) {
  pipelining_client(false, true);
  pipelining_client(true, false);
  SmtpClient client = pipelining_client(true, true);
  EXPECT_EQ(talk(client, {"250 s", "550 x", "250 y", "354 go", "250 done"}),
            (Lines{"", "", "DATA\r\n", "<message>", "QUIT\r\n"}));
  EXPECT_EQ(client.outcome().reply, "250 done\n");
  ASSERT_EQ(client.recipients().size(), 2U);
  EXPECT_EQ(client.recipients()[0].reply, "550 x\n");
  EXPECT_EQ(client.recipients()[1].verdict, mail::Grade::success);
  SmtpClient refused = pipelining_client(true, true);
  EXPECT_EQ(talk(refused, {"250 s", "550 x", "450 y"}), (Lines{"", "", "QUIT\r\n"}));
  EXPECT_EQ(refused.outcome().stage, SmtpStage::recipients);
  EXPECT_TRUE(refused.needs_reset());
}

TEST(SmtpClient, RepliesAfterARefusedSenderSayNothing) {
  SmtpClient client = pipelining_client(true, true);
  EXPECT_EQ(talk(client, {"451 no", "503 x", "250 y"}), (Lines{"", "", "QUIT\r\n"}));
  EXPECT_EQ(client.outcome().stage, SmtpStage::sender);
  EXPECT_EQ(client.outcome().verdict, mail::Grade::temporary);
  EXPECT_EQ(client.outcome().reply, "451 no\n");
  EXPECT_TRUE(client.recipients().empty());
  EXPECT_FALSE(client.needs_reset());
  // After 421 nothing comes.
  SmtpClient closing = pipelining_client(true, true);
  EXPECT_EQ(talk(closing, {"421 bye"}), Lines{"QUIT\r\n"});
  EXPECT_EQ(closing.outcome().reply, "421 bye\n");
}

SmtpClient client_with_data() {
  Mail mail;
  mail.hello = "me.example";
  mail.sender = "s@a.example";
  mail.recipients = {"x@b.example", "y@b.example"};
  mail.pipelined = true;
  mail.data_too = true;
  SmtpClient client(mail);
  EXPECT_EQ(talk(client, {"220 hi", "250-me\r\n250 PIPELINING"}).back(),
            "MAIL FROM:<s@a.example>\r\nRCPT TO:<x@b.example>\r\nRCPT TO:<y@b.example>\r\n"
            "DATA\r\n");
  return client;
}

TEST(SmtpClient, DataGoesWithTheRecipientsWhereItMay) {
  SmtpClient client = client_with_data();
  EXPECT_EQ(talk(client, {"250 s", "550 x", "250 y", "354 go", "250 done"}),
            (Lines{"", "", "", "<message>", "QUIT\r\n"}));
  EXPECT_EQ(client.outcome().reply, "250 done\n");
  EXPECT_EQ(client.recipients()[0].reply, "550 x\n");
  EXPECT_FALSE(client.needs_reset());
  SmtpClient refused = client_with_data();
  EXPECT_EQ(talk(refused, {"250 s", "250 x", "250 y", "451 no"}).back(), "QUIT\r\n");
  EXPECT_EQ(refused.outcome().stage, SmtpStage::data);
  EXPECT_TRUE(refused.needs_reset());
}

// Nobody gets the message: DATA should be refused, and if it is not, what is sent is empty.
TEST(SmtpClient, DataThatNobodyNeedsIsAnsweredWithNothing) {
  for (const Lines& replies :
       {Lines{"250 s", "550 x", "450 y"}, Lines{"451 no", "503 x", "503 y"}}) {
    SmtpClient client = client_with_data();
    EXPECT_EQ(talk(client, replies), (Lines{"", "", ""}));
    EXPECT_TRUE(client.is_decided());
    EXPECT_EQ(talk(client, {"503 no recipients"}), Lines{"QUIT\r\n"});
    EXPECT_EQ(client.needs_reset(), replies[0] == "250 s");
    SmtpClient wanted = client_with_data();
    talk(wanted, replies);
    EXPECT_EQ(talk(wanted, {"354 go", "250 taken"}), (Lines{".\r\n", "QUIT\r\n"}));
    // To be sure.
    EXPECT_EQ(wanted.needs_reset(), replies[0] == "250 s");
    EXPECT_EQ(wanted.outcome().stage,
              replies[0] == "250 s" ? SmtpStage::recipients : SmtpStage::sender);
    EXPECT_EQ(wanted.outcome().verdict, client.outcome().verdict);
    EXPECT_EQ(wanted.outcome().reply, client.outcome().reply);
  }
}

// An empty message would be delivered.
TEST(SmtpClient, SomebodyWhoMightGetTheEmptyMessageDoesNot) {
  const Lines asked[] = {
      {"451 no", "503 x", "250 y", "354 go"},
      {"550 no", "250 x", "503 y", "354 go"},
      {"250 s", "550 x", "550-y\r\n250 y", "354 go"},
      {"451 no", "503-x\r\n250 x", "503 y", "354 go"},
      {"250 s", "550 x", "550 y", "354-go\r\n554 no"},
      {"250 s", "550 x", "550 y", "554-no\r\n354 go"},
      {"250 s", "550 x", "550 y", "250 go"},
  };
  for (const Lines& replies : asked) {
    SmtpClient client = client_with_data();
    EXPECT_EQ(talk(client, replies), (Lines{"", "", "", "<out of step>"})) << replies[2];
    EXPECT_TRUE(client.is_decided());
    EXPECT_EQ(client.outcome().stage,
              replies[0] == "250 s" ? SmtpStage::recipients : SmtpStage::sender);
  }
}

TEST(SmtpClient, OnlyTheReplyThatAsksForTheMessageGetsIt) {
  for (const char* reply : {"250 go", "355 go", "220 go", "354-go\r\n250 no"}) {
    SmtpClient client = client_with_data();
    EXPECT_EQ(talk(client, {"250 s", "250 x", "550 y", reply}),
              (Lines{"", "", "", "<out of step>"}))
        << reply;
    EXPECT_FALSE(client.is_decided());
    EXPECT_EQ(client.recipients().size(), 2U);
    SmtpClient after = pipelining_client(true, true);
    EXPECT_EQ(talk(after, {"250 s", "250 x", "550 y", reply}).back(), "<message>") << reply;
  }
  // It was refused, and the server may wait for it nevertheless.
  SmtpClient refused = client_with_data();
  EXPECT_EQ(talk(refused, {"250 s", "250 x", "250 y", "451-no\r\n354 go"}).back(),
            "<out of step>");
  EXPECT_TRUE(refused.is_decided());
  EXPECT_EQ(refused.outcome().stage, SmtpStage::data);
}

TEST(SmtpClient, OnlyAReplyThatAcceptsTheMessageIsItsAcceptance) {
  const Lines replies = {"250 s", "250 x", "250 y", "354 go", "354 go"};
  SmtpClient client = client_with_data();
  EXPECT_EQ(talk(client, replies).back(), "<out of step>");
  EXPECT_TRUE(client.is_decided());
  EXPECT_EQ(client.outcome().stage, SmtpStage::message);
  EXPECT_EQ(client.outcome().verdict, mail::Grade::temporary);
  EXPECT_EQ(client.outcome().reply, "354 go\n");
  SmtpClient after = pipelining_client(true, true);
  EXPECT_EQ(talk(after, replies).back(), "QUIT\r\n");
  EXPECT_EQ(after.outcome().verdict, mail::Grade::success);
}

TEST(SmtpClient, AddressesThatNoCommandCanHold) {
  EXPECT_TRUE(can_be_sent(""));
  EXPECT_TRUE(can_be_sent("a b\"\\\x7f\xff@c"));
  EXPECT_FALSE(can_be_sent("a\rb"));
  EXPECT_FALSE(can_be_sent("a\n@b"));
  EXPECT_FALSE(can_be_sent(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace reqmail::proto
