#include "remote/session.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sys/clock.h"
#include "sys/fd.h"
#include "tests/unit/support/scripted_peer.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::remote {
namespace {

using test::ScriptedPeer;

sys::Fd file_of(std::string_view content) {
  std::string name = "/tmp/reqmail-session.XXXXXX";
  sys::Fd file(::mkstemp(name.data()));
  EXPECT_EQ(::unlink(name.c_str()), 0);
  EXPECT_EQ(::write(file.get(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  EXPECT_EQ(::lseek(file.get(), 0, SEEK_SET), 0);
  return file;
}

// Returns a request with everything that netqmail has.
Request request_for(std::vector<std::string> recipients, int message) {
  Request request;
  request.connection.hello = "me.example";
  request.envelope = {"s@a.example", std::move(recipients)};
  request.message = message;
  request.peer = "192.0.2.1";
  return request;
}

std::string with_bars(std::string report) {
  std::replace(report.begin(), report.end(), '\0', '|');
  return report;
}

class NoTls final : public tls::StartTls {
 public:
  Result<tls::TlsOutcome> begin(const tls::TlsRequest& /*request*/,
                                sys::Connection& /*clear*/) override {
    ADD_FAILURE() << "nobody asked for TLS";
    return temporary("");
  }
};

SessionEnd deliver_in_clear(const Request& request, ScriptedPeer& peer) {
  NoTls no_tls;
  SmtpConnection smtp(request.connection, peer, no_tls);
  return deliver(request, smtp, no_tls);
}

std::string report(ScriptedPeer& peer, std::string_view message = "Subject: x\n\n.dot\n",
                   std::vector<std::string> recipients = {"r@b.example"}) {
  const sys::Fd file = file_of(message);
  const SessionEnd end = deliver_in_clear(request_for(std::move(recipients), file.get()), peer);
  EXPECT_NE(end.retry, SmtpRetry::in_clear);
  return with_bars(end.report);
}

const std::vector<std::string> kGood = {"220 hi\r\n", "250 me\r\n", "250 s\r\n",
                                        "250 r\r\n",  "354 go\r\n", "250 done\r\n"};

std::vector<std::string> good_until(std::size_t count, std::string last) {
  std::vector<std::string> replies(kGood.begin(),
                                   kGood.begin() + static_cast<std::ptrdiff_t>(count));
  replies.push_back(std::move(last));
  return replies;
}

TEST(Session, DeliversAndReports) {
  ScriptedPeer peer(kGood);
  EXPECT_EQ(report(peer), "r|K192.0.2.1 accepted message.\nRemote host said: 250 done\n|");
  EXPECT_EQ(peer.heard,
            "EHLO me.example\r\nMAIL FROM:<s@a.example>\r\nRCPT TO:<r@b.example>\r\nDATA\r\n"
            "Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n");
  // Each command and the whole small message need one write each.
  EXPECT_EQ(peer.writes, 6);
}

const char* const kPipelining = "250-me\r\n250 PIPELINING\r\n";

SessionEnd deliver_together(ScriptedPeer& peer) {
  const sys::Fd file = file_of("Subject: x\n\n");
  Request request = request_for({"r@b.example", "q@b.example"}, file.get());
  request.envelope.pipelined = true;
  return deliver_in_clear(request, peer);
}

TEST(Session, SenderAndRecipientsAreOneWrite) {
  ScriptedPeer peer({"220 hi\r\n", kPipelining, "250 s\r\n250 r\r\n250", " q\r\n", "354 go\r\n",
                     "250 done\r\n"});
  EXPECT_EQ(with_bars(deliver_together(peer).report),
            "r|r|K192.0.2.1 accepted message.\nRemote host said: 250 done\n|");
  EXPECT_EQ(peer.heard,
            "EHLO me.example\r\nMAIL FROM:<s@a.example>\r\nRCPT TO:<r@b.example>\r\n"
            "RCPT TO:<q@b.example>\r\nDATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n");
  EXPECT_EQ(peer.writes, 5);
  // Each reply has its time.
  peer.times.resize(6);
  EXPECT_EQ(peer.times, (std::vector<std::int64_t>{300, 300, 300, 300, 300, 120}));
}

SessionEnd deliver_with_data(ScriptedPeer& peer, bool to_one = false) {
  const sys::Fd file = file_of("Subject: x\n\n");
  std::vector<std::string> recipients = {"r@b.example"};
  if (!to_one) {
    recipients.emplace_back("q@b.example");
  }
  Request request = request_for(std::move(recipients), file.get());
  request.envelope.pipelined = true;
  request.envelope.data_too = true;
  return deliver_in_clear(request, peer);
}

TEST(Session, DataIsInTheSameWrite) {
  ScriptedPeer peer(
      {"220 hi\r\n", kPipelining, "250 s\r\n250 r\r\n550 q\r\n", "354 go\r\n", "250 done\r\n"});
  EXPECT_EQ(with_bars(deliver_with_data(peer).report),
            "r|h192.0.2.1 does not like recipient.\nRemote host said: 550 q\n|"
            "K192.0.2.1 accepted message.\nRemote host said: 250 done\n|");
  EXPECT_EQ(peer.heard,
            "EHLO me.example\r\nMAIL FROM:<s@a.example>\r\nRCPT TO:<r@b.example>\r\n"
            "RCPT TO:<q@b.example>\r\nDATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n");
  EXPECT_EQ(peer.writes, 4);
  // The reply to DATA has its own time.
  EXPECT_NE(std::find(peer.times.begin(), peer.times.end(), 120), peer.times.end());
}

// The server wants the message although nobody gets it.
TEST(Session, AMessageForNobodyIsNotSent) {
  ScriptedPeer peer(
      {"220 hi\r\n", kPipelining, "250 s\r\n550 r\r\n354 go\r\n", "250 nothing\r\n"});
  EXPECT_EQ(with_bars(deliver_with_data(peer, true).report),
            "h192.0.2.1 does not like recipient.\nRemote host said: 550 r\n|"
            "DGiving up on 192.0.2.1.\n|");
  EXPECT_TRUE(peer.heard.ends_with("DATA\r\n.\r\nQUIT\r\n"));
}

// Whoever has no verdict is tried again, alone, and nothing more is said.
TEST(Session, RepliesOutOfStepEndTheConnection) {
  ScriptedPeer peer(
      {"220 hi\r\n", kPipelining, "250 s\r\n250 r\r\n450 q\r\n250 what\r\n", "250 done\r\n"});
  const SessionEnd end = deliver_with_data(peer);
  EXPECT_TRUE(peer.heard.ends_with("\r\nDATA\r\n"));
  EXPECT_FALSE(end.kept);
  ASSERT_EQ(end.recipients.size(), 2U);
  EXPECT_EQ(end.recipients[0].kind, RecipientEnd::Kind::alone);
  EXPECT_EQ(end.recipients[1].kind, RecipientEnd::Kind::alone);
  ScriptedPeer to_one({"220 hi\r\n", kPipelining, "250 s\r\n250 r\r\n250 what\r\n"});
  EXPECT_EQ(with_bars(deliver_with_data(to_one, true).report),
            "r|ZConnected to 192.0.2.1 but connection died. (#4.4.2)\n|");
  EXPECT_TRUE(to_one.heard.ends_with("\r\nDATA\r\n"));
}

// The refusal is the result, and no other connection is tried.
TEST(Session, ARefusedSenderStaysRefusedWhenRepliesAreOutOfStep) {
  ScriptedPeer peer({"220 hi\r\n", kPipelining, "550 no\r\n250 r\r\n250 q\r\n354 go\r\n"});
  const SessionEnd end = deliver_with_data(peer);
  EXPECT_EQ(with_bars(end.report),
            "DConnected to 192.0.2.1 but sender was rejected.\nRemote host said: 550 no\n|");
  EXPECT_FALSE(end.untouched);
  EXPECT_TRUE(peer.heard.ends_with("\r\nDATA\r\n"));
}

TEST(Session, ARefusedSenderStaysRefusedWhenTheServerHangsUp) {
  ScriptedPeer peer({"220 hi\r\n", kPipelining, "550 no\r\n", ""});
  const SessionEnd end = deliver_together(peer);
  EXPECT_EQ(with_bars(end.report),
            "DConnected to 192.0.2.1 but sender was rejected.\nRemote host said: 550 no\n|");
  EXPECT_EQ(end.recipients.size(), 2U);
}

TEST(Session, AServerWithDsnGetsWhatTheSenderWants) {
  for (const bool has : {true, false}) {
    ScriptedPeer peer({"220 hi\r\n", has ? "250-me\r\n250 DSN\r\n" : "250 me\r\n", "250 s\r\n",
                       "250 r\r\n", "354 go\r\n", "250 done\r\n"});
    const sys::Fd file = file_of("Subject: x\n\n");
    Request request = request_for({"r@b.example"}, file.get());
    request.envelope.dsn.returns = mail::DsnReturn::headers;
    request.envelope.dsn.recipients.push_back(
        {"r@b.example", mail::DsnNotify{true, false, false}, "rfc822;o@x"});
    const std::string report = with_bars(deliver_in_clear(request, peer).report);
    EXPECT_EQ(report, has ? "r|K192.0.2.1 accepted message and its DSN parameters.\n"
                            "Remote host said: 250 done\n|"
                          : "r|K192.0.2.1 accepted message.\nRemote host said: 250 done\n|");
    EXPECT_EQ(peer.heard.find("MAIL FROM:<s@a.example> RET=HDRS\r\n"
                              "RCPT TO:<r@b.example> NOTIFY=SUCCESS ORCPT=rfc822;o@x\r\n") !=
                  std::string::npos,
              has)
        << peer.heard;
  }
  // Without wishes DSN changes nothing.
  ScriptedPeer peer({"220 hi\r\n", "250-me\r\n250 DSN\r\n", "250 s\r\n", "250 r\r\n",
                     "354 go\r\n", "250 done\r\n"});
  EXPECT_EQ(report(peer), "r|K192.0.2.1 accepted message.\nRemote host said: 250 done\n|");
}

TEST(Session, RepliesMayComeByteByByteOrAheadOfTime) {
  ScriptedPeer slow(kGood);
  slow.piece = 1;
  EXPECT_EQ(report(slow), "r|K192.0.2.1 accepted message.\nRemote host said: 250 done\n|");
  std::string all;
  for (const std::string& reply : kGood) {
    all += reply;
  }
  ScriptedPeer eager({all});
  EXPECT_EQ(report(eager), "r|K192.0.2.1 accepted message.\nRemote host said: 250 done\n|");
}

TEST(Session, Refusals) {
  ScriptedPeer greeting({"554 no\r\n"});
  EXPECT_EQ(report(greeting),
            "ZConnected to 192.0.2.1 but greeting failed.\nRemote host said: 554 no\n|");
  ScriptedPeer name(good_until(1, "421 no\r\n"));
  EXPECT_EQ(report(name),
            "ZConnected to 192.0.2.1 but my name was rejected.\nRemote host said: 421 no\n|");
  ScriptedPeer sender(good_until(2, "553 no\r\n"));
  EXPECT_EQ(report(sender),
            "DConnected to 192.0.2.1 but sender was rejected.\nRemote host said: 553 no\n|");
  ScriptedPeer recipient(good_until(3, "550 no\r\n"));
  EXPECT_EQ(report(recipient),
            "h192.0.2.1 does not like recipient.\nRemote host said: 550 no\n|"
            "DGiving up on 192.0.2.1.\n|");
  ScriptedPeer data(good_until(4, "451 no\r\n"));
  EXPECT_EQ(report(data), "r|Z192.0.2.1 failed on DATA command.\nRemote host said: 451 no\n|");
  ScriptedPeer dot(good_until(5, "554 no\r\n"));
  EXPECT_EQ(report(dot),
            "r|D192.0.2.1 failed after I sent the message.\nRemote host said: 554 no\n|");
}

TEST(Session, TheConnectionDies) {
  const std::string died = "ZConnected to 192.0.2.1 but connection died. (#4.4.2)\n|";
  const std::string duplicate =
      "r|ZConnected to 192.0.2.1 but connection died. Possible duplicate! (#4.4.2)\n|";
  for (std::size_t said = 0; said < kGood.size(); ++said) {
    ScriptedPeer peer(good_until(said, ""));
    const std::string expected = said == 5 ? duplicate : (said == 4 ? "r|" : "") + died;
    EXPECT_EQ(report(peer), expected) << said;
  }
  for (int write = 0; write < 5; ++write) {
    ScriptedPeer peer(kGood);
    peer.fail_at = write;
    const std::string expected = write == 4 ? duplicate : (write == 3 ? "r|" : "") + died;
    EXPECT_EQ(report(peer), expected) << write;
  }
  // QUIT may fail.
  ScriptedPeer peer(kGood);
  peer.fail_at = 5;
  EXPECT_EQ(report(peer), "r|K192.0.2.1 accepted message.\nRemote host said: 250 done\n|");
}

TEST(Session, TheLastWordsOfAServerThatHangsUp) {
  const auto after = [](std::size_t said, const std::string& words) {
    auto replies = good_until(said, words);
    replies.emplace_back();
    ScriptedPeer peer(std::move(replies));
    return report(peer);
  };
  const std::string died = "ZConnected to 192.0.2.1 but connection died. (#4.4.2)\n";
  EXPECT_EQ(after(0, "554 go aw"), died + "Remote host said: 554 go aw\n|");
  EXPECT_EQ(after(2, "421-one\r\n421-two\r\n"), died + "Remote host said: 421-one\n421-two\n|");
  EXPECT_EQ(after(3, "550 no"), died + "Remote host said: 550 no\n|");
  for (const char* words : {"220 he", "220-hello\r\n", "5", "no code"}) {
    EXPECT_EQ(after(0, words), died + "|") << words;
  }
  // It says why while the message is still being sent to it.
  ScriptedPeer peer(
      {"220 hi\r\n", "250 me\r\n", "250 s\r\n", "250 r\r\n", "354 go\r\n", "552 too big\r\n"});
  peer.fail_at = 4;
  EXPECT_EQ(report(peer),
            "r|ZConnected to 192.0.2.1 but connection died. Possible duplicate! "
            "(#4.4.2)\nRemote host said: 552 too big\n|");
}

TEST(Session, AGreetingThatEndsWithARefusal) {
  ScriptedPeer peer({"220-mx here\r\n521 no mail for you\r\n"});
  EXPECT_EQ(report(peer),
            "ZConnected to 192.0.2.1 but greeting failed.\n"
            "Remote host said: 220-mx here\n521 no mail for you\n|");
  // A last line without a code is none.
  auto replies = kGood;
  replies[0] = "220-mx\r\nhello\r\n";
  ScriptedPeer odd(replies);
  EXPECT_EQ(report(odd), "r|K192.0.2.1 accepted message.\nRemote host said: 250 done\n|");
}

SmtpRetry retry_after(Request request, std::vector<std::string> replies, int fail_at = -1) {
  const sys::Fd file = file_of("Subject: x\n\nhi\n");
  request.message = file.get();
  ScriptedPeer peer(std::move(replies));
  peer.fail_at = fail_at;
  return deliver_in_clear(request, peer).retry;
}

TEST(Session, AServerThatHangsUpOnEhloMayTakeHelo) {
  const Request usual = request_for({"r@b.example"}, -1);
  EXPECT_EQ(retry_after(usual, {"220 hi\r\n", ""}), SmtpRetry::plain_hello);
  EXPECT_EQ(retry_after(usual, {"220 hi\r\n", "554 what\r\n", ""}), SmtpRetry::plain_hello);
  EXPECT_EQ(retry_after(usual, {"220 hi\r\n", "500 what\r\n"}, 1), SmtpRetry::plain_hello);
  // There is no second try before EHLO, after it, or if the server gave an answer that must be
  // reported.
  EXPECT_EQ(retry_after(usual, {""}), SmtpRetry::none);
  EXPECT_EQ(retry_after(usual, {"220 hi\r\n", "250 me\r\n", ""}), SmtpRetry::none);
  EXPECT_EQ(retry_after(usual, {"220 hi\r\n", "421 later\r\n", ""}), SmtpRetry::none);
  EXPECT_EQ(retry_after(usual, {"220 hi\r\n", "554 what\r\n", "554 what\r\n"}),
            SmtpRetry::none);
  EXPECT_EQ(retry_after(usual, {"220 hi\r\n", std::string(70000, 'x') + "\r\n"}),
            SmtpRetry::none);
  // A required extension can be offered only in the reply to EHLO.
  Request strict = usual;
  strict.connection.tls_required = true;
  strict.demand = "control/tlshosts/mx.pem exists; connecting to";
  EXPECT_EQ(retry_after(strict, {"220 hi\r\n", ""}), SmtpRetry::none);
  const proto::SaslLogin login("joe", "secret");
  Request known = usual;
  known.connection.login = &login;
  EXPECT_EQ(retry_after(known, {"220 hi\r\n", ""}), SmtpRetry::none);
  // There is only one second try.
  Request again = usual;
  again.connection.plain_hello = true;
  EXPECT_EQ(retry_after(again, {"220 hi\r\n", ""}), SmtpRetry::none);
}

std::vector<std::int64_t> times_within(base::Seconds session, base::Seconds all) {
  const sys::Fd file = file_of("Subject: x\n\nhi\n");
  Request request = request_for({"r@b.example"}, file.get());
  request.limits.session_end = sys::monotonic() + session;
  request.limits.end = sys::monotonic() + all;
  ScriptedPeer peer(kGood);
  EXPECT_EQ(deliver_in_clear(request, peer).report.front(), 'r');
  return peer.times;
}

// The time limits of RFC 5321 section 4.5.3.2 for greeting, EHLO, MAIL, RCPT, DATA, a piece of
// the message, and the final dot.
TEST(Session, EachReplyHasItsTime) {
  using base::Seconds;
  EXPECT_EQ(times_within(Seconds(602), Seconds(86400)),
            (std::vector<std::int64_t>{300, 300, 300, 300, 120, 180, 602}));
  // The reply to the message has its time in any case.
  EXPECT_EQ(times_within(Seconds(60), Seconds(86400)),
            (std::vector<std::int64_t>{60, 60, 60, 60, 60, 60, 600}));
  // The administrator's limit ends everything.
  EXPECT_EQ(times_within(Seconds(602), Seconds(30)),
            (std::vector<std::int64_t>{30, 30, 30, 30, 30, 30, 30}));
}

TEST(Session, OnlyHelo) {
  const sys::Fd file = file_of("Subject: x\n\nhi\n");
  Request request = request_for({"r@b.example"}, file.get());
  request.connection.plain_hello = true;
  request.connection.starttls = true;
  ScriptedPeer peer({"220 hi\r\n", "250-me\r\n250 STARTTLS\r\n", "250 s\r\n", "250 r\r\n",
                     "354 go\r\n", "250 done\r\n"});
  EXPECT_EQ(with_bars(deliver_in_clear(request, peer).report),
            "r|K192.0.2.1 accepted message.\nRemote host said: 250 done\n|");
  EXPECT_TRUE(peer.heard.starts_with("HELO me.example\r\nMAIL ")) << peer.heard;
}

TEST(Session, EndlessRepliesAreAsADeadConnection) {
  const std::string died = "ZConnected to 192.0.2.1 but connection died. (#4.4.2)\n|";
  std::string lines;
  while (lines.size() <= std::size_t{1} << 20) {
    lines += "220-and more\r\n";
  }
  ScriptedPeer endless({lines, "220 done\r\n"});
  EXPECT_EQ(report(endless), died);
  ScriptedPeer wide({"220 " + std::string(70000, 'x') + "\r\n"});
  EXPECT_EQ(report(wide), died);
}

TEST(Session, PartialFinalLine) {
  ScriptedPeer peer(kGood);
  EXPECT_EQ(report(peer, "Subject: x\n\nno end"),
            "r|DSMTP cannot transfer messages with partial final lines. (#5.6.2)\n|");
  EXPECT_EQ(peer.heard.find("\r\n.\r\n"), std::string::npos);
  EXPECT_EQ(peer.heard.find("QUIT"), std::string::npos);
}

TEST(Session, AnUnreadableMessageIsTemporary) {
  ScriptedPeer peer(kGood);
  const std::string text =
      with_bars(deliver_in_clear(request_for({"r@b.example"}, -1), peer).report);
  EXPECT_EQ(text, "r|ZUnable to read message. (#4.3.0)\n|");
}

// What the peer gets in clear and in TLS, and how the session ends.
struct TlsTalk {
  std::string report;
  bool clear_may_do = false;
  bool in_tls = false;
  std::optional<tls::TlsFault> fault;
  std::string clear;
  std::string secret;
};

// Reports what it got when it is destroyed.
class TellingPeer final : public ScriptedPeer {
 public:
  TellingPeer(std::vector<std::string> replies, std::string& told)
      : ScriptedPeer(std::move(replies)), told_(told) {}

  TellingPeer(const TellingPeer&) = delete;
  TellingPeer& operator=(const TellingPeer&) = delete;
  TellingPeer(TellingPeer&&) = delete;
  TellingPeer& operator=(TellingPeer&&) = delete;

  ~TellingPeer() override { told_ = heard; }

 private:
  std::string& told_;
};

// A handshake that succeeds if there are replies for the session after it.
class ScriptedTls final : public tls::StartTls {
 public:
  ScriptedTls(std::optional<std::vector<std::string>> replies, std::string& told)
      : replies_(std::move(replies)), told_(told) {}

  Result<tls::TlsOutcome> begin(const tls::TlsRequest& /*request*/,
                                sys::Connection& /*clear*/) override {
    if (!replies_) {
      return temporary("TLS connect failed: why; connected to");
    }
    tls::TlsOutcome outcome;
    outcome.connection = std::make_unique<TellingPeer>(*replies_, told_);
    return outcome;
  }

 private:
  std::optional<std::vector<std::string>> replies_;
  std::string& told_;
};

TlsTalk tls_talk(Request request, std::vector<std::string> in_clear,
                 std::optional<std::vector<std::string>> in_tls, std::size_t piece = 1000) {
  const sys::Fd file = file_of("Subject: x\n\nhi\n");
  request.message = file.get();
  ScriptedPeer clear(std::move(in_clear));
  clear.piece = piece;
  std::string secret;
  ScriptedTls start(std::move(in_tls), secret);
  // What was said in TLS is told when the connection ends.
  const SessionEnd end = [&] {
    SmtpConnection smtp(request.connection, clear, start);
    return deliver(request, smtp, start);
  }();
  return {with_bars(end.report),
          end.retry == SmtpRetry::in_clear,
          end.in_tls,
          end.fault,
          clear.heard,
          secret};
}

Request with_starttls() {
  Request request = request_for({"r@b.example"}, -1);
  request.connection.starttls = true;
  return request;
}

const std::string kOffer = "250-mx\r\n250 STARTTLS\r\n";
const std::vector<std::string> kInside = {"250 me\r\n", "250 s\r\n", "250 r\r\n", "354 go\r\n",
                                          "250 done\r\n"};
const std::string kTaken = "r|K192.0.2.1 accepted message.\nRemote host said: 250 done\n|";
const std::string kWholeTalk =
    "EHLO me.example\r\nMAIL FROM:<s@a.example>\r\nRCPT TO:<r@b.example>\r\nDATA\r\n"
    "Subject: x\r\n\r\nhi\r\n.\r\nQUIT\r\n";

TEST(SessionKept, AnotherMessageFollows) {
  const sys::Fd file = file_of("Subject: x\n\nhi\n");
  Request request = request_for({"r@b.example"}, file.get());
  request.keep = true;
  ScriptedPeer peer({"220 hi\r\n", "250 me\r\n", "250 s\r\n", "250 r\r\n", "354 go\r\n",
                     "250 done\r\n", "250 s\r\n", "550 r\r\n", "250 reset\r\n", "421 no\r\n"});
  NoTls no_tls;
  SmtpConnection smtp(request.connection, peer, no_tls);
  SessionEnd end = deliver(request, smtp, no_tls);
  EXPECT_TRUE(end.kept);
  EXPECT_FALSE(end.untouched);
  EXPECT_EQ(with_bars(end.report), kTaken);
  EXPECT_FALSE(peer.heard.ends_with("QUIT\r\n"));
  peer.heard.clear();
  end = deliver_again(request, smtp);
  EXPECT_TRUE(end.kept);
  EXPECT_EQ(peer.heard, "MAIL FROM:<s@a.example>\r\nRCPT TO:<r@b.example>\r\n");
  peer.heard.clear();
  end = deliver_again(request, smtp);
  EXPECT_EQ(peer.heard, "RSET\r\nMAIL FROM:<s@a.example>\r\nQUIT\r\n");
  // The server closes, and has accepted nothing.
  EXPECT_FALSE(end.kept);
  EXPECT_TRUE(end.untouched);
  EXPECT_TRUE(deliver_again(request, smtp).untouched);
}

TEST(SessionKept, WhatWasBegunIsNotUntouched) {
  const sys::Fd file = file_of("Subject: x\n\nhi\n");
  const Request request = request_for({"r@b.example"}, file.get());
  ScriptedPeer peer({"220 hi\r\n", "250 me\r\n", "250 s\r\n", "250 r\r\n"});
  const SessionEnd end = deliver_in_clear(request, peer);
  EXPECT_FALSE(end.untouched);
  EXPECT_FALSE(end.kept);
}

TEST(SessionTls, EverythingButStarttlsIsSaidInside) {
  const TlsTalk talk = tls_talk(with_starttls(), {"220 hi\r\n", kOffer, "220 go\r\n"}, kInside);
  EXPECT_EQ(talk.report, kTaken);
  EXPECT_EQ(talk.clear, "EHLO me.example\r\nSTARTTLS\r\n");
  EXPECT_EQ(talk.secret, kWholeTalk);
}

TEST(SessionTls, WhatComesBehindTheAnswerToStarttlsIsForgotten) {
  for (const char* injected :
       {"250 stolen\r\n250 stolen\r\n", "250-half", "250 stolen\r\n25"}) {
    std::vector<std::string> refused = kInside;
    refused[1] = "451 no\r\n";
    const TlsTalk talk = tls_talk(
        with_starttls(), {"220 hi\r\n", kOffer, std::string("220 go\r\n") + injected}, refused);
    EXPECT_EQ(talk.report,
              "ZConnected to 192.0.2.1 but sender was rejected.\nRemote host said: 451 no\n|")
        << injected;
  }
}

TEST(SessionTls, AFailedHandshake) {
  const std::vector<std::string> replies = {"220 hi\r\n", kOffer, "220 go\r\n"};
  const std::string report = "ZTLS connect failed: why; connected to 192.0.2.1.\n|";
  TlsTalk talk = tls_talk(with_starttls(), replies, std::nullopt);
  EXPECT_EQ(talk.report, report);
  EXPECT_TRUE(talk.clear_may_do);
  Request strict = with_starttls();
  strict.connection.tls_required = true;
  strict.demand = "control/tlshosts/mx.pem exists; connecting to";
  talk = tls_talk(strict, replies, std::nullopt);
  EXPECT_EQ(talk.report, report);
  EXPECT_FALSE(talk.clear_may_do);
  const proto::SaslLogin login("joe", "secret");
  Request known = with_starttls();
  known.connection.login = &login;
  EXPECT_FALSE(tls_talk(known, replies, std::nullopt).clear_may_do);
  Request first = with_starttls();
  first.connection.begin = SmtpBegin::connected_for_tls;
  talk = tls_talk(first, {}, std::nullopt);
  EXPECT_EQ(talk.report, report);
  EXPECT_FALSE(talk.clear_may_do);
  EXPECT_EQ(talk.clear, "");
}

// Reports about TLS count sessions in TLS and those that should have been, no others.
TEST(SessionTls, WhatASessionTellsAboutTls) {
  const Request request = with_starttls();
  for (const auto& replies : std::vector<std::vector<std::string>>{
           {""}, {"421 later\r\n"}, {"220 hi\r\n", ""}, {"220 hi\r\n", "450 no\r\n"}}) {
    const TlsTalk early = tls_talk(request, replies, kInside);
    EXPECT_FALSE(early.in_tls || early.fault) << replies.back();
  }
  const std::vector<std::string> begin = {"220 hi\r\n", kOffer, "220 go\r\n"};
  for (const auto& inside : {kInside, std::vector<std::string>{"250 me\r\n", "550 no\r\n"},
                             std::vector<std::string>{"450 no\r\n"}}) {
    const TlsTalk talk = tls_talk(request, begin, inside);
    EXPECT_TRUE(talk.in_tls && !talk.fault) << inside.back();
  }
  const TlsTalk failed = tls_talk(request, begin, std::nullopt);
  EXPECT_TRUE(!failed.in_tls && failed.fault);
  const TlsTalk clear = tls_talk(request, kGood, kInside);
  EXPECT_TRUE(!clear.in_tls && clear.fault == tls::TlsFault::not_offered);
}

TEST(SessionTls, AServerThatHangsUpAtStarttlsMayDoWithoutIt) {
  for (const char* answer : {"", "421 bye\r\n"}) {
    EXPECT_TRUE(
        tls_talk(with_starttls(), {"220 hi\r\n", kOffer, answer}, kInside).clear_may_do);
    Request strict = with_starttls();
    strict.connection.tls_required = true;
    strict.demand = "control/tlshosts/mx.pem exists; connecting to";
    EXPECT_FALSE(tls_talk(strict, {"220 hi\r\n", kOffer, answer}, kInside).clear_may_do);
  }
  // There is no second try later, when mail may have been accepted.
  EXPECT_FALSE(
      tls_talk(with_starttls(), {"220 hi\r\n", "250 mx\r\n", ""}, kInside).clear_may_do);
}

TEST(SessionTls, AServerThatHangsUpBehindTheHandshakeMayDoWithoutIt) {
  const std::vector<std::string> replies = {"220 hi\r\n", kOffer, "220 go\r\n"};
  EXPECT_TRUE(tls_talk(with_starttls(), replies, {{""}}).clear_may_do);
  // There is no second try if the server has answered.
  const TlsTalk talk = tls_talk(with_starttls(), replies, {{"250 mx\r\n", ""}});
  EXPECT_FALSE(talk.clear_may_do);
  EXPECT_EQ(talk.report, "ZConnected to 192.0.2.1 but connection died. (#4.4.2)\n|");
  Request strict = with_starttls();
  strict.connection.tls_required = true;
  strict.demand = "control/tlshosts/mx.pem exists; connecting to";
  EXPECT_FALSE(tls_talk(strict, replies, {{""}}).clear_may_do);
}

TEST(SessionTls, FromWhereAnotherProcessHasCome) {
  Request accepted = with_starttls();
  accepted.connection.begin = SmtpBegin::starttls_accepted;
  TlsTalk talk = tls_talk(accepted, {}, kInside);
  EXPECT_EQ(talk.report, kTaken);
  EXPECT_EQ(talk.secret, kWholeTalk);
  EXPECT_TRUE(tls_talk(accepted, {}, std::nullopt).clear_may_do);
  Request first = with_starttls();
  first.connection.begin = SmtpBegin::connected_for_tls;
  std::vector<std::string> greeted = kInside;
  greeted.insert(greeted.begin(), "220 hi\r\n");
  talk = tls_talk(first, {}, greeted);
  EXPECT_EQ(talk.report, kTaken);
  EXPECT_EQ(talk.secret, kWholeTalk);
}

TEST(SessionTls, ReportsOfThePolicy) {
  Request strict = with_starttls();
  strict.connection.tls_required = true;
  strict.demand = "control/tlshosts/mx.pem exists; connecting to";
  EXPECT_EQ(
      tls_talk(strict, {"220 hi\r\n", "250 mx\r\n"}, kInside).report,
      "ZNo TLS achieved while control/tlshosts/mx.pem exists; connecting to 192.0.2.1.\n|");
  EXPECT_EQ(
      tls_talk(strict, {"220 hi\r\n", kOffer, "454 no\r\n"}, kInside).report,
      "ZSTARTTLS rejected while control/tlshosts/mx.pem exists; connecting to 192.0.2.1.\n"
      "Remote host said: 454 no\n|");
}

TEST(SessionTls, ReportsOfTheLogin) {
  const proto::SaslLogin login("joe", "secret");
  Request known = with_starttls();
  known.connection.login = &login;
  EXPECT_EQ(tls_talk(known, {"220 hi\r\n", "250-mx\r\n250 AUTH PLAIN\r\n"}, kInside).report,
            "ZConnected to 192.0.2.1 but will not authenticate without TLS.\n|");
  EXPECT_EQ(tls_talk(known, {"220 hi\r\n", kOffer, "220 go\r\n"}, kInside).report,
            "ZConnected to 192.0.2.1 but no authentication that I know is offered.\n|");
  EXPECT_EQ(tls_talk(known, {"220 hi\r\n", kOffer, "220 go\r\n"},
                     {{"250-mx\r\n250 AUTH PLAIN\r\n", "535 joe no\r\n"}})
                .report,
            "ZConnected to 192.0.2.1 but authentication was rejected (AUTH PLAIN).\n"
            "Remote host said: 535 *** no\n|");
}

TEST(Session, SizeAndBodyOfTheMessage) {
  const auto mail = [](std::string_view message) {
    ScriptedPeer peer({"220 hi\r\n", "250-mx\r\n250-SIZE\r\n250 8BITMIME\r\n", "250 s\r\n",
                       "250 r\r\n", "354 go\r\n", "250 done\r\n"});
    EXPECT_EQ(report(peer, message),
              "r|K192.0.2.1 accepted message.\nRemote host said: 250 done\n|");
    const std::size_t at = peer.heard.find('>');
    return peer.heard.substr(at + 1, peer.heard.find('\r', at) - at - 1);
  };
  EXPECT_EQ(mail("a\n.b\n"), " SIZE=7");
  EXPECT_EQ(mail("a\r\n\xff\n"), " SIZE=6 BODY=8BITMIME");
  EXPECT_EQ(mail(std::string(65535, 'x') + "\r\n\x80\n"), " SIZE=65540 BODY=8BITMIME");
}

TEST(Session, AMessageThatCannotBeReadTwiceHasNoSize) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const sys::Fd input(ends[0]);
  sys::Fd output(ends[1]);
  ASSERT_EQ(::write(output.get(), "\xff\n", 2), 2);
  output.close();
  ScriptedPeer peer({"220 hi\r\n", "250-mx\r\n250 SIZE\r\n", "250 s\r\n", "250 r\r\n",
                     "354 go\r\n", "250 done\r\n"});
  EXPECT_EQ(with_bars(deliver_in_clear(request_for({"r@b.example"}, input.get()), peer).report),
            "r|K192.0.2.1 accepted message.\nRemote host said: 250 done\n|");
  EXPECT_NE(peer.heard.find("MAIL FROM:<s@a.example>\r\n"), std::string::npos);
  EXPECT_NE(peer.heard.find("\r\n\xff\r\n.\r\n"), std::string::npos);
}

TEST(Session, LargeMessagesGoOutInLargePieces) {
  ScriptedPeer peer(kGood);
  std::string message;
  while (message.size() < 1000000) {
    message += ".a line of it\n";
  }
  EXPECT_EQ(report(peer, message).front(), 'r');
  EXPECT_LE(peer.writes, 5 + 20);
}

// A signer that gets what qmail-sign prints from a script.
class SignedSession : public ::testing::Test {
 protected:
  static void program(const std::string& script) {
    std::filesystem::create_directories("bin");
    testing::put_file("bin/qmail-sign", "#!/bin/sh\n" + script, 0755);
    testing::put_file("control/dkimkeys", "");
  }

  std::string report_of(ScriptedPeer& peer, Signer& signer, int message) {
    Request request = request_for({"r@b.example"}, message);
    request.signer = &signer;
    request.connection.greeted = [this, &signer] {
      ++greeted_;
      signer.start();
    };
    request.limits.end = sys::monotonic() + std::chrono::seconds(20);
    return with_bars(deliver_in_clear(request, peer).report);
  }

  int greeted_ = 0;
  testing::TemporaryHome home_;
};

TEST_F(SignedSession, FieldsComeFirst) {
  std::filesystem::create_directories("control");
  program("echo '.A: b'\n");
  const sys::Fd file = file_of("Subject: x\n\n.dot\n");
  Signer signer({"s@a.example", {"r@b.example"}, file.get(), true});
  ScriptedPeer peer(kGood);
  EXPECT_EQ(report_of(peer, signer, file.get()).substr(0, 2), "r|");
  EXPECT_NE(peer.heard.find("DATA\r\n..A: b\r\nSubject: x\r\n\r\n..dot\r\n.\r\n"),
            std::string::npos)
      << peer.heard;
  EXPECT_EQ(greeted_, 1);
}

TEST_F(SignedSession, WithoutASignatureThereIsNoData) {
  std::filesystem::create_directories("control");
  program("echo 'qmail-sign: why' >&2; exit 111\n");
  const sys::Fd file = file_of("Subject: x\n\n.dot\n");
  Signer signer({"s@a.example", {"r@b.example"}, file.get(), true});
  ScriptedPeer peer(good_until(4, "250 bye\r\n"));
  EXPECT_EQ(report_of(peer, signer, file.get()),
            "r|ZUnable to sign the message: why. (#4.3.0)\n|");
  EXPECT_EQ(peer.heard.find("DATA"), std::string::npos);
  EXPECT_TRUE(peer.heard.ends_with("QUIT\r\n"));
}

TEST_F(SignedSession, AServerThatDoesNotGreetCostsNoSignature) {
  const sys::Fd file = file_of("Subject: x\n\n");
  Signer signer({"s@a.example", {"r@b.example"}, file.get(), true});
  ScriptedPeer peer({"554 no\r\n"});
  EXPECT_EQ(report_of(peer, signer, file.get()).front(), 'Z');
  EXPECT_EQ(greeted_, 0);
}

}  // namespace
}  // namespace reqmail::remote
