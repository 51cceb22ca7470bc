// Several transactions over one connection to a scripted server.
#include "remote/smtp_connection.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "mail/verdict_codec.h"
#include "remote/smtp_transaction.h"
#include "sys/fd.h"
#include "tests/unit/support/scripted_peer.h"

namespace reqmail::remote {
namespace {

using test::ScriptedPeer;

class NoTls final : public tls::StartTls {
 public:
  Result<tls::TlsOutcome> begin(const tls::TlsRequest& /*request*/,
                                sys::Connection& /*clear*/) override {
    return temporary("no TLS; connected to");
  }
};

SmtpConnectionSettings settings() {
  SmtpConnectionSettings made;
  made.hello = "me.example";
  return made;
}

class SmtpConnections : public ::testing::Test {
 protected:
  // Sends a message. Returns the server's reply, "broken" if the connection broke, or our own
  // reason.
  std::string send(SmtpConnection& connection, const std::string& sender,
                   std::vector<std::string> recipients, std::string_view text = "x\n") {
    const std::string name = "/tmp/reqmail-transaction." + std::to_string(::getpid());
    sys::Fd file(::open(name.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600));
    EXPECT_EQ(::unlink(name.c_str()), 0);
    EXPECT_EQ(::write(file.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    EXPECT_EQ(::lseek(file.get(), 0, SEEK_SET), 0);
    SmtpTransaction transaction(connection, {sender, std::move(recipients)}, file.get());
    result_ = transaction.run();
    if (result_.ending) {
      return result_.ending->reply;
    }
    return result_.failure ? result_.failure->text : "broken";
  }

  NoTls no_tls_;
  SmtpTransactionResult result_;
};

TEST_F(SmtpConnections, ThreeTransactionsWithRefusalsBetween) {
  ScriptedPeer peer({"220 hi\r\n", "250-mx\r\n250 SIZE\r\n",
                     // All recipients are refused temporarily.
                     "250 s1\r\n", "450 busy\r\n",
                     // After RSET comes a transaction with one recipient who is refused
                     // permanently.
                     "250 reset\r\n", "250 s2\r\n", "550 no\r\n", "250 r\r\n", "354 go\r\n",
                     "250 two\r\n",
                     // The server has forgotten that transaction, so there is no RSET.
                     "250 s3\r\n", "250 r\r\n", "354 go\r\n", "451 later\r\n"});
  {
    SmtpConnection connection(settings(), peer, no_tls_);
    EXPECT_FALSE(connection.prepare({}));
    ASSERT_FALSE(connection.open({}));
    EXPECT_TRUE(connection.extensions().size);
    ASSERT_TRUE(connection.prepare({}));
    EXPECT_EQ(send(connection, "one@a", {"x@b"}), "");
    EXPECT_EQ(result_.ending->stage, proto::SmtpStage::recipients);
    ASSERT_TRUE(connection.prepare({}));
    EXPECT_EQ(send(connection, "two@a", {"y@b", "z@b"}), "250 two\n");
    ASSERT_EQ(result_.recipients.size(), 2U);
    EXPECT_EQ(result_.recipients[0].verdict, mail::Grade::permanent);
    EXPECT_EQ(result_.recipients[1].verdict, mail::Grade::success);
    ASSERT_TRUE(connection.prepare({}));
    EXPECT_EQ(send(connection, "three@a", {"x@b"}, "a longer one\n"), "451 later\n");
    EXPECT_TRUE(connection.prepare({}));
    connection.quit();
  }
  EXPECT_EQ(peer.heard,
            "EHLO me.example\r\n"
            "MAIL FROM:<one@a> SIZE=3\r\nRCPT TO:<x@b>\r\n"
            "RSET\r\n"
            "MAIL FROM:<two@a> SIZE=3\r\nRCPT TO:<y@b>\r\nRCPT TO:<z@b>\r\nDATA\r\nx\r\n.\r\n"
            "MAIL FROM:<three@a> SIZE=14\r\nRCPT TO:<x@b>\r\nDATA\r\na longer one\r\n.\r\n"
            "QUIT\r\n");
}

TEST_F(SmtpConnections, ARefusedSenderLeavesNothingBehind) {
  ScriptedPeer peer({"220 hi\r\n", "250 mx\r\n", "451 not you\r\n", "250 s\r\n", "250 r\r\n",
                     "451 no data\r\n", "250 reset\r\n"});
  SmtpConnection connection(settings(), peer, no_tls_);
  ASSERT_FALSE(connection.open({}));
  ASSERT_TRUE(connection.prepare({}));
  EXPECT_EQ(send(connection, "one@a", {"x@b"}), "451 not you\n");
  ASSERT_TRUE(connection.prepare({}));
  EXPECT_EQ(send(connection, "two@a", {"x@b"}), "451 no data\n");
  EXPECT_EQ(peer.heard.find("RSET"), std::string::npos);
  EXPECT_TRUE(connection.prepare({}));
  EXPECT_TRUE(peer.heard.ends_with("DATA\r\nRSET\r\n")) << peer.heard;
  // One RSET is sufficient.
  const int writes = peer.writes;
  EXPECT_TRUE(connection.prepare({}));
  EXPECT_EQ(peer.writes, writes);
}

TEST_F(SmtpConnections, AServerThatRefusesRsetIsUsedNoMore) {
  for (const char* reply : {"500 what\r\n", "421 bye\r\n", ""}) {
    ScriptedPeer peer({"220 hi\r\n", "250 mx\r\n", "250 s\r\n", "550 no\r\n", reply});
    SmtpConnection connection(settings(), peer, no_tls_);
    ASSERT_FALSE(connection.open({}));
    EXPECT_EQ(send(connection, "one@a", {"x@b"}), "");
    EXPECT_FALSE(connection.prepare({})) << reply;
    EXPECT_FALSE(connection.prepare({})) << reply;
  }
}

TEST_F(SmtpConnections, AServerThatSaysThatItClosesIsUsedNoMore) {
  ScriptedPeer peer({"220 hi\r\n", "250 mx\r\n", "421 enough\r\n"});
  SmtpConnection connection(settings(), peer, no_tls_);
  ASSERT_FALSE(connection.open({}));
  EXPECT_EQ(send(connection, "one@a", {"x@b"}), "421 enough\n");
  const int writes = peer.writes;
  EXPECT_FALSE(connection.prepare({}));
  EXPECT_EQ(peer.writes, writes) << "nothing is said to it";
}

TEST_F(SmtpConnections, AMessageWithoutItsEndSpoilsTheConnection) {
  ScriptedPeer peer({"220 hi\r\n", "250 mx\r\n", "250 s\r\n", "250 r\r\n", "354 go\r\n"});
  SmtpConnection connection(settings(), peer, no_tls_);
  ASSERT_FALSE(connection.open({}));
  EXPECT_EQ(send(connection, "one@a", {"x@b"}, "no end"),
            "SMTP cannot transfer messages with partial final lines. (#5.6.2)");
  EXPECT_EQ(result_.recipients.size(), 1U);
  EXPECT_FALSE(connection.prepare({}));
}

TEST_F(SmtpConnections, ADeadConnection) {
  ScriptedPeer peer({"220 hi\r\n", "250 mx\r\n", "250 s\r\n", "250 r\r\n", "354 go\r\n", ""});
  SmtpConnection connection(settings(), peer, no_tls_);
  ASSERT_FALSE(connection.open({}));
  EXPECT_EQ(send(connection, "one@a", {"x@b"}), "broken");
  EXPECT_TRUE(result_.possible_duplicate);
  EXPECT_FALSE(connection.prepare({}));
}

TEST_F(SmtpConnections, WhyItDoesNotOpen) {
  ScriptedPeer refusing({"554 no\r\n"});
  SmtpConnection refused(settings(), refusing, no_tls_);
  const auto failure = refused.open({});
  ASSERT_TRUE(failure && failure->ending);
  EXPECT_EQ(failure->ending->stage, proto::SmtpStage::greeting);
  EXPECT_EQ(refusing.heard, "QUIT\r\n");
  EXPECT_FALSE(refused.prepare({}));

  SmtpConnectionSettings with_tls = settings();
  with_tls.starttls = true;
  ScriptedPeer offering({"220 hi\r\n", "250-mx\r\n250 STARTTLS\r\n", "220 go\r\n"});
  SmtpConnection unsecured(with_tls, offering, no_tls_);
  const auto no_tls = unsecured.open({});
  ASSERT_TRUE(no_tls && no_tls->tls);
  EXPECT_EQ(no_tls->tls->text, "no TLS; connected to");
  EXPECT_EQ(no_tls->retry, SmtpRetry::in_clear);

  ScriptedPeer dead({"220 hi\r\n", ""});
  SmtpConnection broken(settings(), dead, no_tls_);
  const auto hung_up = broken.open({});
  ASSERT_TRUE(hung_up && !hung_up->ending && !hung_up->tls);
  EXPECT_EQ(hung_up->retry, SmtpRetry::plain_hello);
}

// Each transaction has its own limits.
TEST_F(SmtpConnections, LimitsOfEachTransaction) {
  ScriptedPeer peer({"220 hi\r\n", "250 mx\r\n", "451 no\r\n", "451 no\r\n"});
  SmtpConnection connection(settings(), peer, no_tls_);
  ASSERT_FALSE(connection.open({}));
  for (const std::int64_t seconds : {30, 200}) {
    peer.times.clear();
    SmtpLimits limits;
    limits.session_end = sys::monotonic() + base::Seconds(seconds);
    ASSERT_TRUE(connection.prepare(limits));
    EXPECT_EQ(send(connection, "one@a", {"x@b"}), "451 no\n");
    EXPECT_EQ(peer.times, (std::vector<std::int64_t>{seconds}));
  }
}

}  // namespace
}  // namespace reqmail::remote
