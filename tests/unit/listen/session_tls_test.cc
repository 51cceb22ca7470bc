// The dialogue around a TLS handshake, with a fake handshake.
#include "listen/session_tls.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "listen/tls_log.h"
#include "sys/connection.h"
#include "sys/fd.h"
#include "tests/unit/support/scripted_peer.h"

namespace reqmail::listen {
namespace {

class FakeTls final : public tls::StartTls {
 public:
  Result<void> prepare(const tls::TlsRequest& request) override {
    opportunistic = request.opportunistic;
    return prepared;
  }

  Result<tls::TlsOutcome> begin(const tls::TlsRequest& /*request*/,
                                sys::Connection& /*clear*/) override {
    ++begun;
    if (fails) {
      return temporary("handshake failed: why");
    }
    tls::TlsOutcome outcome;
    outcome.client = "joe@a.example";
    if (inside) {
      outcome.connection = std::make_unique<test::ScriptedPeer>(*inside);
    }
    return outcome;
  }

  void close() override { ++closed; }

  Result<void> prepared;
  bool fails = false;
  std::optional<std::vector<std::string>> inside;
  bool opportunistic = false;
  int begun = 0;
  int closed = 0;
};

class SessionTlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // The servers ignore SIGPIPE too.
    ::signal(SIGPIPE, SIG_IGN);
    auto pair = sys::make_socket_pair();
    auto log = sys::make_pipe();
    ASSERT_TRUE(pair && log);
    ours_ = std::move(pair->one);
    client_ = std::move(pair->other);
    log_ = std::move(*log);
    kept_ = sys::Fd(::dup(STDERR_FILENO));
    ASSERT_EQ(::dup2(log_.write.get(), STDERR_FILENO), STDERR_FILENO);
    clear_ = std::make_unique<sys::DescriptorConnection>(ours_.get(), ours_.get());
    input_ = std::make_unique<sys::Reader>(*clear_);
    output_ = std::make_unique<sys::Writer>(*clear_);
    tls_ = std::make_unique<SessionTls>("qmail-test", fake_, *input_, *output_);
    ::setenv("TCPREMOTEIP", "192.0.2.1", 1);
  }

  void TearDown() override {
    ASSERT_EQ(::dup2(kept_.get(), STDERR_FILENO), STDERR_FILENO);
    ::unsetenv("TCPREMOTEIP");
  }

  SessionTls::Answer answer() {
    tls::TlsRequest request;
    request.opportunistic = true;
    return tls_->answer(request, {"220 ready\r\n", [](const Failure& why) {
                                    return "454 " + why.text + "\r\n";
                                  }});
  }

  // Reads what has arrived at the client, or in the log.
  static std::string read_now(int fd) {
    sys::set_nonblocking(fd);
    std::string text(1000, '\0');
    const auto count = sys::read_some(fd, text.data(), text.size());
    text.resize(count ? *count : 0);
    return text;
  }

  std::string line() {
    std::string text;
    const auto end = input_->get_line(text, 100);
    return end && *end == sys::LineEnd::line ? text : "?";
  }

  static std::string log_line(const std::string& why) {
    return "qmail-test[" + std::to_string(::getpid()) + "]: tls: 192.0.2.1 " + why + "\n";
  }

  FakeTls fake_;
  sys::Fd ours_;
  sys::Fd client_;
  sys::Pipe log_;
  sys::Fd kept_;
  std::unique_ptr<sys::DescriptorConnection> clear_;
  std::unique_ptr<sys::Reader> input_;
  std::unique_ptr<sys::Writer> output_;
  std::unique_ptr<SessionTls> tls_;
};

TEST_F(SessionTlsTest, WhatCameInClearIsForgotten) {
  fake_.inside = {{"inside\n"}};
  ASSERT_TRUE(sys::write_all(client_.get(), "STARTTLS\nread ahead\n"));
  EXPECT_EQ(line(), "STARTTLS");
  ASSERT_TRUE(sys::write_all(client_.get(), "not read yet\n"));
  ASSERT_TRUE(output_->put("250 before\r\n"));
  EXPECT_EQ(answer(), SessionTls::Answer::secured);
  EXPECT_TRUE(fake_.opportunistic);
  EXPECT_EQ(read_now(client_.get()), "250 before\r\n220 ready\r\n");
  EXPECT_EQ(line(), "inside");
  EXPECT_EQ(tls_->outcome().client, "joe@a.example");
  ASSERT_TRUE(output_->put("250 inside\r\n"));
  ASSERT_TRUE(output_->flush());
  EXPECT_EQ(read_now(client_.get()), "");
  EXPECT_EQ(static_cast<test::ScriptedPeer&>(input_->connection()).heard, "250 inside\r\n");
  EXPECT_EQ(fake_.closed, 0);
  tls_->close();
  EXPECT_EQ(fake_.closed, 1);
  EXPECT_EQ(read_now(log_.read.get()), "");
}

TEST_F(SessionTlsTest, SomebodyElseSpeaksTlsOverTheSameDescriptors) {
  ASSERT_TRUE(sys::write_all(client_.get(), "STARTTLS\nread ahead\n"));
  EXPECT_EQ(line(), "STARTTLS");
  EXPECT_EQ(answer(), SessionTls::Answer::secured);
  EXPECT_EQ(tls_->outcome().connection, nullptr);
  ASSERT_TRUE(sys::write_all(client_.get(), "next\n"));
  EXPECT_EQ(line(), "next");
}

TEST_F(SessionTlsTest, ARefusalIsToldAndTheSessionGoesOn) {
  fake_.prepared = temporary("no certificate");
  ASSERT_TRUE(sys::write_all(client_.get(), "STARTTLS\nNOOP\n"));
  EXPECT_EQ(line(), "STARTTLS");
  EXPECT_EQ(answer(), SessionTls::Answer::refused);
  EXPECT_EQ(line(), "NOOP");
  ASSERT_TRUE(output_->flush());
  EXPECT_EQ(read_now(client_.get()), "454 no certificate\r\n");
  EXPECT_EQ(read_now(log_.read.get()), log_line("no certificate"));
  EXPECT_EQ(fake_.begun, 0);
}

TEST_F(SessionTlsTest, AFailedHandshakeIsTheEnd) {
  fake_.fails = true;
  EXPECT_EQ(answer(), SessionTls::Answer::lost);
  EXPECT_EQ(read_now(log_.read.get()), log_line("handshake failed: why"));
  EXPECT_FALSE(tls_->secure({}));
}

TEST_F(SessionTlsTest, AClientThatIsGone) {
  client_.close();
  ASSERT_TRUE(output_->put("250 before\r\n"));
  ::setenv("TCPREMOTEIP", "192.0.2.1", 1);
  EXPECT_EQ(answer(), SessionTls::Answer::lost);
  EXPECT_EQ(fake_.begun, 0);
}

TEST_F(SessionTlsTest, LogLinesShowNoBytesOfThePeer) {
  ::setenv("TCPREMOTEIP", "192.0.2.1\n\x1b", 1);
  log_tls("qmail-test", "a\nb\x1b");
  const std::string text = read_now(log_.read.get());
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_EQ(handshake_failed(temporary("TLS: no shared cipher")),
            "handshake failed: no shared cipher");
}

}  // namespace
}  // namespace reqmail::listen
