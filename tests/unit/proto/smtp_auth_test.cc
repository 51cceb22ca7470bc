// AUTH and STARTTLS of the SMTP server.
#include "proto/smtp_auth.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/base64.h"
#include "mail/verdict_codec.h"
#include "proto/smtp_log.h"
#include "proto/smtp_server.h"

namespace reqmail::proto {
namespace {

using namespace std::string_view_literals;

class SmtpAuthTest : public ::testing::Test {
 protected:
  static SmtpServerSettings with_auth(std::string_view value) {
    SmtpServerSettings settings;
    settings.greeting = "mx.example";
    settings.auth = smtp_auth_policy(value);
    settings.auth.host = "mx.example";
    return settings;
  }

  // Returns the reply, or the name of the action.
  std::string say(SmtpServer& server, std::string_view line) {
    last_ = server.handle(line);
    while (last_.action == SmtpAction::ask) {
      last_ = server.answer(answer(*last_.question));
    }
    switch (last_.action) {
    case SmtpAction::start_tls:
      return "(TLS)";
    case SmtpAction::check_user:
      return "(check)";
    case SmtpAction::open_queue:
      return "(queue)";
    case SmtpAction::none:
    case SmtpAction::ask:
    case SmtpAction::receive:
    case SmtpAction::finish_queue:
    case SmtpAction::quit:
    case SmtpAction::hang_up:
      break;
    }
    return last_.reply;
  }

  std::string log_in(SmtpServer& server,
                     mail::LoginVerdict verdict = mail::LoginVerdict::accepted) {
    EXPECT_EQ(say(server, "AUTH PLAIN " + base::encode_base64("\0joe\0secret"sv)), "(check)");
    last_ = server.checked(*last_.credentials, verdict);
    return last_.reply;
  }

  [[nodiscard]] Result<Answer> answer(const Question& question) const {
    if (question.about == Question::About::random_word) {
      return no_random_ ? Result<Answer>(temporary("no random bytes"))
                        : Result<Answer>(Answer{.word = "r4nd0m"});
    }
    if (question.about == Question::About::tls_offered) {
      return Answer{.yes = offers_tls_};
    }
    return Answer{.yes = question.domain == "here.example"};
  }

  bool offers_tls_ = true;
  bool no_random_ = false;
  SmtpStep last_;
};

constexpr std::string_view kRelay = "RCPT TO:<x@far.example>";

TEST_F(SmtpAuthTest, ValuesOfSmtpauth) {
  const struct {
    const char* value;
    const char* keyword;
    bool required;
  } kValues[] = {{"", "AUTH LOGIN PLAIN", false},
                 {"yes", "AUTH LOGIN PLAIN", false},
                 {"+cram", "AUTH LOGIN PLAIN CRAM-MD5", false},
                 {"+CRAM", "AUTH LOGIN PLAIN CRAM-MD5", false},
                 {"Cram", "AUTH CRAM-MD5", false},
                 {"!", "AUTH LOGIN PLAIN", true},
                 {"!+cram", "AUTH LOGIN PLAIN CRAM-MD5", true},
                 {"!cram", "AUTH CRAM-MD5", true},
                 {"-", "", false},
                 {"0", "", false}};

  for (const auto& [value, keyword, required] : kValues) {
    const SmtpAuth auth(smtp_auth_policy(value));
    EXPECT_EQ(auth.keyword(true), keyword) << value;
    EXPECT_EQ(auth.keyword(false), "") << value;
    EXPECT_EQ(auth.policy().required, required) << value;
  }
}

TEST_F(SmtpAuthTest, NobodySpokeOfAuth) {
  SmtpServerSettings settings = with_auth("");
  settings.auth = SmtpAuthPolicy();
  SmtpServer server(std::move(settings));
  EXPECT_EQ(say(server, "AUTH PLAIN AGEAYg=="), "502 unimplemented (#5.5.1)\r\n");
  EXPECT_EQ(say(server, "EHLO c"),
            "250-mx.example\r\n250-STARTTLS\r\n250-PIPELINING\r\n250 8BITMIME\r\n");
}

TEST_F(SmtpAuthTest, KeywordsInTheirOrder) {
  SmtpServerSettings settings = with_auth("+cram");
  settings.policy.databytes = 10;
  settings.auth.in_clear = true;
  SmtpServer server(std::move(settings));
  EXPECT_EQ(say(server, "EHLO c"),
            "250-mx.example\r\n250-STARTTLS\r\n250-AUTH LOGIN PLAIN CRAM-MD5\r\n250-SIZE "
            "10\r\n250-PIPELINING\r\n250 8BITMIME\r\n");
}

TEST_F(SmtpAuthTest, ClearTextIsRefusedBeforeTheMechanismIsLookedAt) {
  SmtpServer server(with_auth(""));
  const char* const kRefusal = "538 auth not available without TLS (#5.3.3)\r\n";
  EXPECT_EQ(say(server, "AUTH PLAIN AGEAYg=="), kRefusal);
  EXPECT_EQ(say(server, "AUTH LOGIN"), kRefusal);
  EXPECT_EQ(say(server, "AUTH NONSENSE"), kRefusal);
  server.secured({});
  EXPECT_EQ(say(server, "AUTH LOGIN"), "334 VXNlcm5hbWU6\r\n");
}

TEST_F(SmtpAuthTest, MechanismsThatAreNotAnnounced) {
  SmtpServer with_passwords(with_auth(""));
  with_passwords.secured({});
  EXPECT_EQ(say(with_passwords, "AUTH CRAM-MD5"), "504 auth type invalid (#5.5.1)\r\n");
  EXPECT_EQ(say(with_passwords, "AUTH"), "504 auth type invalid (#5.5.1)\r\n");
  SmtpServer with_digests(with_auth("cram"));
  with_digests.secured({});
  EXPECT_EQ(say(with_digests, "AUTH PLAIN AGEAYg=="), "504 auth type invalid (#5.5.1)\r\n");
  EXPECT_EQ(say(with_digests, "auth cram-md5"),
            "334 " + base::encode_base64("<r4nd0m@mx.example>") + "\r\n");
  EXPECT_EQ(say(with_digests, "*"), "501 auth exchange canceled (#5.0.0)\r\n");
  no_random_ = true;
  EXPECT_EQ(say(with_digests, "AUTH CRAM-MD5").substr(0, 9), "454 oops,");
}

TEST_F(SmtpAuthTest, AfterSuccessEverybodyIsARecipientAndAuthIsOver) {
  SmtpServer server(with_auth("!"));
  server.secured({"SOME-CIPHER"});
  EXPECT_EQ(say(server, "MAIL FROM:<a@b>"), "530 Authorization required (#5.7.1) \r\n");
  EXPECT_EQ(server.received_protocol(), "ESMTPS (SOME-CIPHER encrypted)");
  EXPECT_EQ(log_in(server), "235 ok, go ahead (#2.0.0)\r\n");
  EXPECT_EQ(server.received_protocol(), "ESMTPSA (SOME-CIPHER encrypted, authenticated)");
  EXPECT_EQ(server.auth().identity()->user, "joe");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(say(server, "MAIL FROM:<a@b>"), "250 ok\r\n");
    EXPECT_EQ(say(server, kRelay), "250 ok\r\n");
    EXPECT_EQ(say(server, "AUTH PLAIN"), "503 you're already authenticated (#5.5.0)\r\n");
    (void)say(server, i == 0 ? "RSET" : "EHLO c");
  }
}

TEST_F(SmtpAuthTest, NotInsideATransaction) {
  SmtpServer server(with_auth(""));
  server.secured({});
  EXPECT_EQ(say(server, "MAIL FROM:<a@b>"), "250 ok\r\n");
  EXPECT_EQ(say(server, "AUTH LOGIN"), "503 no auth during mail transaction (#5.5.0)\r\n");
  EXPECT_EQ(say(server, "RCPT TO:<x@here.example>"), "250 ok\r\n");
}

TEST_F(SmtpAuthTest, TheFifthRefusalEndsTheSession) {
  SmtpServer server(with_auth(""));
  server.secured({});
  const std::string refused = "535 authentication failed (#5.7.1)\r\n";
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(log_in(server, mail::LoginVerdict::refused), refused);
    EXPECT_EQ(last_.action, SmtpAction::none);
    EXPECT_EQ(log_in(server, mail::LoginVerdict::trouble).substr(0, 4), "454 ");
    EXPECT_EQ(say(server, "MAIL FROM:<a@b>"), "250 ok\r\n");
    EXPECT_EQ(say(server, kRelay).substr(0, 3), "553");
    (void)say(server, "RSET");
  }
  EXPECT_EQ(log_in(server, mail::LoginVerdict::refused),
            refused + "421 too many failures (#4.7.0)\r\n");
  EXPECT_EQ(last_.action, SmtpAction::hang_up);
}

TEST_F(SmtpAuthTest, RefusalsBeforeStarttlsCount) {
  SmtpServer server(with_auth(""));
  server.resume("early", 4);
  EXPECT_EQ(server.helo(), "early");
  server.secured({});
  EXPECT_EQ(server.helo(), std::nullopt);
  (void)log_in(server, mail::LoginVerdict::refused);
  EXPECT_EQ(last_.action, SmtpAction::hang_up);
}

TEST_F(SmtpAuthTest, LongLinesEndTheSession) {
  SmtpServer server(with_auth(""));
  server.secured({});
  EXPECT_EQ(server.line_limit(), kSmtpCommandMax);
  EXPECT_EQ(say(server, "AUTH PLAIN " + std::string(kAuthLineMax, 'A')),
            "500 auth line too long (#5.5.6)\r\n");
  EXPECT_EQ(last_.action, SmtpAction::hang_up);
  (void)say(server, "AUTH PLAIN");
  EXPECT_EQ(server.line_limit(), kAuthLineMax + 1);
  EXPECT_EQ(server.line_too_long().reply, "500 auth line too long (#5.5.6)\r\n");
}

TEST_F(SmtpAuthTest, SenderMustBeTheUserWhereThatIsAskedFor) {
  SmtpServerSettings settings = with_auth("");
  settings.auth.user_is_sender = true;
  SmtpServer server(std::move(settings));
  server.secured({});
  EXPECT_EQ(say(server, "MAIL FROM:<other@b>"), "250 ok\r\n");
  (void)say(server, "RSET");
  (void)log_in(server);
  for (const char* line : {"MAIL FROM:<other@b>", "MAIL FROM:<>", "MAIL FROM:<joe@x>"}) {
    EXPECT_EQ(say(server, line), "503 from and auth not the same (#5.5.1)\r\n");
  }
  EXPECT_EQ(say(server, "MAIL FROM:<JOE>"), "250 ok\r\n");
}

TEST_F(SmtpAuthTest, StarttlsForgetsEverything) {
  SmtpServerSettings settings = with_auth("");
  settings.auth.in_clear = true;
  SmtpServer server(std::move(settings));
  (void)say(server, "EHLO forged");
  EXPECT_EQ(say(server, "STARTTLS now"),
            "501 Syntax error (no parameters allowed) (#5.5.4)\r\n");
  (void)say(server, "MAIL FROM:<a@b>");
  EXPECT_EQ(say(server, "STARTTLS").substr(0, 3), "503");
  (void)say(server, "RSET");
  EXPECT_EQ(say(server, "starttls"), "(TLS)");
  EXPECT_EQ(SmtpServer::tls_refused(temporary("no key")).reply, "454 TLS no key (#4.3.0)\r\n");
  EXPECT_EQ(server.helo(), "forged");
  EXPECT_EQ(SmtpServer::tls_ready().reply, "220 ready for tls\r\n");
  server.secured({});
  EXPECT_EQ(server.helo(), std::nullopt);
  EXPECT_EQ(say(server, "RCPT TO:<x@here.example>"), "503 MAIL first (#5.5.1)\r\n");
  EXPECT_EQ(say(server, "STARTTLS"), "502 unimplemented (#5.5.1)\r\n");
  EXPECT_EQ(say(server, "EHLO c").find("STARTTLS"), std::string::npos);
}

TEST_F(SmtpAuthTest, NoStarttlsAfterAuthInClear) {
  SmtpServerSettings settings = with_auth("");
  settings.auth.in_clear = true;
  settings.extensions.utf8 = true;
  SmtpServer server(std::move(settings));
  (void)log_in(server);
  EXPECT_EQ(server.received_protocol(), "ESMTPA");
  EXPECT_EQ(say(server, "MAIL FROM:<a@b> SMTPUTF8"), "250 ok\r\n");
  EXPECT_EQ(server.received_protocol(), "UTF8SMTPA");
  EXPECT_EQ(say(server, "STARTTLS").substr(0, 3), "503");
}

TEST_F(SmtpAuthTest, NoCertificateNoStarttls) {
  offers_tls_ = false;
  SmtpServer server(with_auth("-"));
  EXPECT_EQ(say(server, "STARTTLS"), "502 unimplemented (#5.5.1)\r\n");
  EXPECT_EQ(say(server, "AUTH PLAIN"), "503 auth not available (#5.3.3)\r\n");
}

TEST_F(SmtpAuthTest, ClientCertificates) {
  SmtpServerSettings settings = with_auth("-");
  SmtpServer listed(settings);
  SmtpSecurity security{"C"};
  security.client = "relay@a b";
  listed.secured(security);
  (void)say(listed, "MAIL FROM:<a@b>");
  EXPECT_EQ(say(listed, kRelay), "250 ok\r\n");
  EXPECT_EQ(listed.received_protocol(), "ESMTPS (C encrypted)\n  (cert relay@a?b)");
  SmtpServer doubted(settings);
  security.client.reset();
  security.client_verify_error = "certificate has expired";
  doubted.secured(security);
  (void)say(doubted, "MAIL FROM:<a@b>");
  EXPECT_EQ(say(doubted, kRelay),
            "553 sorry, that domain isn't in my list of allowed rcpthosts; no valid cert for "
            "gatewaying: certificate has expired (#5.7.1)\r\n");
  EXPECT_EQ(say(doubted, "RCPT TO:<x@here.example>"), "250 ok\r\n");
}

TEST_F(SmtpAuthTest, LogLinesShowWhatPeersSaySafely) {
  SmtpServer server(with_auth(""));
  (void)say(server, "EHLO a b=c\x01");
  (void)say(server, "MAIL FROM:<a@b>");
  (void)say(server, "RCPT TO:<x y@far.example>");
  const SmtpStep refused = last_;
  ASSERT_TRUE(refused.event.has_value());
  EXPECT_EQ(refused.event->reason, "rcpthosts");
  const SmtpLogEnds ends{"127.0.0.1", "25", "192.0.2.1", "1025", "h\nx", 7};
  EXPECT_EQ(smtp_log_line(server, ends, refused.reply, *refused.event),
            "qlogenvelope: result=rejected code=553 reason=rcpthosts "
            "detail=sorry,_that_domain_isn't_in_my_list_of_allowed_rcpthosts_(#5.7.1) "
            "helo=a_b=c_ mailfrom=a@b rcptto=x_y@far.example relay=no rcpthosts=no size= "
            "authuser= authtype= encrypted= sslverified=no localip=127.0.0.1 localport=25 "
            "remoteip=192.0.2.1 remoteport=1025 remotehost=h_x qp= pid=7\n");
  server.secured({"C"});
  (void)log_in(server);
  SmtpEvent event;
  event.at_end_of_data = true;
  event.reason = "queued";
  event.recipients = std::string("a\0b@c\0", 6);
  event.size = 5;
  event.queue_process = 9;
  EXPECT_EQ(smtp_log_line(server, ends, "250 ok 1 qp 9\r\n", event),
            "qlogreceived: result=accepted code=250 reason=queued detail=ok_1_qp_9 helo= "
            "mailfrom= rcptto=a,b@c relay=yes rcpthosts= size=5 authuser=joe authtype=plain "
            "encrypted=tls sslverified=no localip=127.0.0.1 localport=25 remoteip=192.0.2.1 "
            "remoteport=1025 remotehost=h_x qp=9 pid=7\n");
}

}  // namespace
}  // namespace reqmail::proto
