// Clients that send a byte from time to time, so that no single read times out.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "smtpd/qmqp_session.h"
#include "smtpd/qmtp_session.h"
#include "smtpd/sender_checks.h"
#include "smtpd/smtp_session.h"
#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/stream.h"
#include "tests/unit/support/private_host.h"

namespace reqmail::smtpd {
namespace {

using std::chrono::milliseconds;

constexpr sys::LeastRate kFast{1 << 20, milliseconds(300)};
constexpr sys::LeastRate kPatient{1, base::Seconds(3600)};
constexpr base::Seconds kLong{3600};

class SlowClient : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!tests::enter_private_home()) {
      GTEST_SKIP() << "no private mounts here";
    }
    ::setenv("QMAILQUEUE", "/nonexistent", 1);
    int ends[2] = {};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    server_ = sys::Fd(ends[0]);
    client_ = sys::Fd(ends[1]);
  }

  void TearDown() override {
    if (child_ > 0) {
      (void)::kill(child_, SIGKILL);
      (void)::waitpid(child_, nullptr, 0);
    }
    (void)::unlink(queue_.c_str());
  }

  // Sends this at once, then one byte after the other.
  void send(const std::string& beginning) {
    ASSERT_TRUE(sys::write_all(client_.get(), beginning));
    child_ = ::fork();
    ASSERT_GE(child_, 0);
    if (child_ == 0) {
      while (sys::write_all(client_.get(), "x")) {
        sys::pause_for(milliseconds(10));
      }
      ::_exit(0);
    }
  }

  // Sends all of this as fast as it is accepted, to a queue program that begins to read late.
  void send_to_slow_queue(const std::string& bytes) {
    queue_ = "/tmp/slow_queue." + std::to_string(::getpid());
    sys::Fd file(::open(queue_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0700));
    ASSERT_TRUE(sys::write_all(
        file.get(), "#!/bin/sh\nsleep 3\ncat >/dev/null\ncat <&1 >/dev/null\nexit 0\n"));
    // A file that is open for writing cannot be executed.
    file.close();
    ::setenv("QMAILQUEUE", queue_.c_str(), 1);
    child_ = ::fork();
    ASSERT_GE(child_, 0);
    if (child_ == 0) {
      (void)sys::write_all(client_.get(), bytes);
      sys::pause_for(kLong);
      ::_exit(0);
    }
  }

  int serve_smtp(base::Seconds timeout, const sys::LeastRate& rate) {
    SmtpdFiles files;
    files.greeting = "mx.example";
    files.timeout = timeout;
    const auto tls = smtpd_tls_elsewhere({}, true);
    sys::DescriptorConnection client(server_.get(), server_.get(), kLong);
    sys::Reader input(client);
    sys::Writer output(client);
    SenderChecks checks({}, "mx.example", "");
    SmtpSession session(files, {}, {}, checks, input, output, *tls, rate);
    return session.run(SmtpBegin::greeting);
  }

  // Returns what the client has received.
  std::string answers() {
    server_.close();
    sys::set_nonblocking(client_.get());
    std::string got(8192, '\0');
    const auto count = sys::read_some(client_.get(), got.data(), got.size());
    got.resize(count ? *count : 0);
    return got;
  }

  sys::Fd server_;
  sys::Fd client_;
  pid_t child_ = -1;
  std::string queue_;
};

TEST_F(SlowClient, ACommandHasOneTimeLimit) {
  send("HELO c\r\nMAIL FROM:<");
  EXPECT_EQ(serve_smtp(base::Seconds(3), kPatient), 1);
  EXPECT_EQ(answers(), "220 mx.example ESMTP\r\n250 mx.example\r\n451 timeout (#4.4.2)\r\n");
}

TEST_F(SlowClient, AMessageHasToKeepUpARate) {
  send("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nSubject: x\r\n\r\n");
  EXPECT_EQ(serve_smtp(kLong, kFast), 1);
  EXPECT_TRUE(answers().ends_with("354 go ahead\r\n451 timeout (#4.4.2)\r\n"));
}

TEST_F(SlowClient, AQueueProgramsTimeIsNotTheClients) {
  std::string text;
  while (text.size() < 400'000) {
    text += "A line of a message that is longer than all that is on its way at a time.\r\n";
  }
  send_to_slow_queue("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n" + text +
                     ".\r\nQUIT\r\n");
  EXPECT_EQ(serve_smtp(kLong, {1 << 20, milliseconds(2000)}), 0);
  const std::string got = answers();
  EXPECT_NE(got.find("\r\n250 ok 1"), std::string::npos) << got;
}

TEST_F(SlowClient, QmtpHasToKeepUpARate) {
  for (const char* beginning : {"100000:\n", "3:\nx\n,0:,100000:100:"}) {
    send(beginning);
    sys::DescriptorConnection client(server_.get(), server_.get());
    sys::Reader input(client);
    sys::Writer output(client);
    EXPECT_EQ(serve_qmtp({}, {}, input, output, kFast), 111) << beginning;
    TearDown();
    SetUp();
  }
}

TEST_F(SlowClient, QmqpHasToKeepUpARate) {
  send("200000:100000:");
  sys::DescriptorConnection client(server_.get(), server_.get());
  sys::Reader input(client);
  sys::Writer output(client);
  EXPECT_EQ(serve_qmqp({}, input, output, kFast), 111);
}

// A pause between packages must not hold a connection for ever either.
TEST_F(SlowClient, QmtpThatSaysNothing) {
  sys::DescriptorConnection client(server_.get(), server_.get());
  sys::Reader input(client);
  sys::Writer output(client);
  EXPECT_EQ(serve_qmtp({}, {}, input, output, kFast), 111);
}

}  // namespace
}  // namespace reqmail::smtpd
