// The common part of QMTP and QMQP: frames of a client are passed to a queue program, and
// answers are returned.
#include "smtpd/frame_session.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "base/netstring.h"
#include "sys/connection.h"
#include "tests/unit/support/private_host.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::smtpd {
namespace {

using Protocol = proto::MailFrameParser::Protocol;

std::string netstring(const std::string& text) {
  std::string result;
  base::append_netstring(result, text);
  return result;
}

// Makes a QMQP package.
std::string package(const std::string& message, const std::string& sender,
                    const std::string& recipient) {
  return netstring(netstring(message) + netstring(sender) + netstring(recipient));
}

// Accepts every address, and ends the session where the test wants it.
class Taker final : public FrameSession {
 public:
  using FrameSession::FrameSession;

  std::optional<int> ends_at_sender;
  std::optional<int> ends_at_package;
  std::vector<std::string> seen;

 private:
  std::optional<int> sender(std::string_view address, bool unfit) override {
    seen.push_back("F" + std::string(address) + (unfit ? " unfit" : ""));
    message().queue().sender(address);
    return ends_at_sender;
  }

  std::optional<int> recipient(std::string_view address, bool unfit) override {
    seen.push_back("T" + std::string(address) + (unfit ? " unfit" : ""));
    message().queue().recipient(address);
    return std::nullopt;
  }

  std::optional<int> package_end() override {
    answer(finish());
    return ends_at_package;
  }
};

class FrameSessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!tests::enter_private_home()) {
      GTEST_SKIP() << "no private mounts here";
    }
    testing::put_file("queue",
                      "#!/bin/sh\nexec 3<&1\ncat >" + home_.path() + "/message\ncat <&3 >" +
                          home_.path() + "/envelope\ntest ! -e " + home_.path() + "/full\n",
                      0700);
    ::setenv("QMAILQUEUE", (home_.path() + "/queue").c_str(), 1);
    int ends[2] = {};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    server_ = sys::Fd(ends[0]);
    client_ = sys::Fd(ends[1]);
    connection_.emplace(server_.get(), server_.get());
    input_.emplace(*connection_);
    output_.emplace(*connection_);
  }

  void TearDown() override { ::unsetenv("QMAILQUEUE"); }

  FrameClient client(Protocol protocol = Protocol::qmqp) {
    return {protocol, peer_, *input_, *output_, rate_};
  }

  // Serves a client that sends this and closes its end.
  int serve(Taker& session, const std::string& bytes) {
    EXPECT_TRUE(sys::write_all(client_.get(), bytes));
    (void)::shutdown(client_.get(), SHUT_WR);
    const int code = session.run();
    server_.close();
    answers_ = sys::read_all(client_.get(), 10000).value_or("<failed>");
    return code;
  }

  testing::TemporaryHome home_;
  mail::NetworkPeer peer_;
  sys::LeastRate rate_;
  sys::Fd server_;
  sys::Fd client_;
  std::optional<sys::DescriptorConnection> connection_;
  std::optional<sys::Reader> input_;
  std::optional<sys::Writer> output_;
  std::string answers_;
};

TEST_F(FrameSessionTest, AMessageIsQueuedWithItsTrace) {
  peer_.remote_ip = "192.0.2.9";
  Taker session(client(), 0);
  EXPECT_EQ(serve(session, package("Subject: x\n", "s@h", "r@x")), FrameExit::kDone);
  EXPECT_EQ(session.seen, (std::vector<std::string>{"Fs@h", "Tr@x"}));
  const std::string message = testing::content_of("message");
  EXPECT_TRUE(message.starts_with("Received: from unknown (192.0.2.9)\n")) << message;
  EXPECT_NE(message.find(" with QMQP; "), std::string::npos);
  EXPECT_TRUE(message.ends_with("\nSubject: x\n"));
  EXPECT_EQ(testing::content_of("envelope"), std::string("Fs@h\0Tr@x\0\0", 11));
  // The answer is "Kok TIME qp PID" as a netstring.
  EXPECT_NE(answers_.find(":Kok "), std::string::npos) << answers_;
  EXPECT_NE(answers_.find(" qp "), std::string::npos);
}

TEST_F(FrameSessionTest, PackagesFollowOneAnother) {
  Taker session(client(Protocol::qmtp), 0);
  const std::string one =
      netstring("\nbody\n") + netstring("s@h") + netstring(netstring("r@x"));
  EXPECT_EQ(serve(session, one + one), FrameExit::kDone);
  EXPECT_EQ(session.seen.size(), 4U);
  EXPECT_NE(testing::content_of("message").find(" with QMTP; "), std::string::npos);
  EXPECT_NE(answers_.find(":Kok ", answers_.find(":Kok ") + 1), std::string::npos) << answers_;
}

TEST_F(FrameSessionTest, AFailureIsTheAnswer) {
  testing::put_file("full", "");
  Taker session(client(), 0);
  EXPECT_EQ(serve(session, package("x\n", "s@h", "r@x")), FrameExit::kDone);
  EXPECT_NE(answers_.find(":Z"), std::string::npos) << answers_;
}

TEST_F(FrameSessionTest, WhatIsTooLargeIsNotQueued) {
  Taker session(client(), 3);
  EXPECT_EQ(serve(session, package("too large\n", "s@h", "r@x")), FrameExit::kDone);
  EXPECT_EQ(answers_.find(":K"), std::string::npos) << answers_;
}

TEST_F(FrameSessionTest, WhatIsNoFrameEndsTheSession) {
  Taker session(client(), 0);
  EXPECT_EQ(serve(session, "x:"), FrameExit::kMalformed);
  EXPECT_EQ(answers_, "");
}

TEST_F(FrameSessionTest, AnAbsurdLengthEndsTheSession) {
  Taker session(client(), 0);
  EXPECT_EQ(serve(session, "99999999999:"), FrameExit::kTrouble);
}

TEST_F(FrameSessionTest, AClientThatHangsUpHasNothingQueued) {
  Taker session(client(), 0);
  EXPECT_EQ(serve(session, package("x\n", "s@h", "r@x").substr(0, 12)), FrameExit::kDone);
  EXPECT_EQ(answers_, "");
}

// However the session ends, the answers before are sent.
TEST_F(FrameSessionTest, AnExitCodeEndsTheSessionAfterTheAnswers) {
  Taker session(client(Protocol::qmtp), 0);
  session.ends_at_package = 100;
  const std::string one =
      netstring("\nbody\n") + netstring("s@h") + netstring(netstring("r@x"));
  EXPECT_EQ(serve(session, one + one), 100);
  EXPECT_EQ(session.seen.size(), 2U);
  EXPECT_NE(answers_.find(":Kok "), std::string::npos);
}

TEST_F(FrameSessionTest, AnExitCodeAtTheSenderLeavesTheRest) {
  Taker session(client(), 0);
  session.ends_at_sender = 111;
  EXPECT_EQ(serve(session, package("x\n", "s@h", "r@x")), 111);
  EXPECT_EQ(session.seen, std::vector<std::string>{"Fs@h"});
  EXPECT_EQ(answers_, "");
}

TEST_F(FrameSessionTest, UnfitAddressesAreToldFromOthers) {
  Taker session(client(), 0);
  (void)serve(session, package("x\n", "s\n@h", std::string(2000, 'r')));
  ASSERT_EQ(session.seen.size(), 2U);
  EXPECT_TRUE(session.seen[0].ends_with(" unfit"));
  EXPECT_EQ(session.seen[1], "T unfit");
}

}  // namespace
}  // namespace reqmail::smtpd
