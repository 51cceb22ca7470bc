// TLS of the client: its report without TLS, and the state that another program takes over.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>

#include "remote/tls_by_exec.h"
#include "remote/tls_here.h"
#include "sys/connection.h"
#include "sys/fd.h"
#include "tls/successor.h"

namespace reqmail::remote {
namespace {

// Runs in a directory of its own, as if below qmail's home.
class RemoteTls : public ::testing::Test {
 protected:
  void SetUp() override {
    // The program ignores SIGPIPE too.
    ::signal(SIGPIPE, SIG_IGN);
    char name[] = "/tmp/reqmail-remote-tls.XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    directory_ = name;
    ASSERT_EQ(::chdir(name), 0);
    auto sockets = sys::make_socket_pair();
    ASSERT_TRUE(sockets);
    ours_ = std::move(sockets->one);
    theirs_ = std::move(sockets->other);
    request_.timeout = base::Seconds(5);
  }

  void TearDown() override {
    ASSERT_EQ(::chdir("/"), 0);
    (void)!::system(("rm -rf " + directory_).c_str());
    ::unsetenv("QMAILREMOTETLS");
  }

  std::string failure(tls::StartTls& start) {
    sys::DescriptorConnection clear(ours_.get(), ours_.get());
    auto outcome = start.begin(request_, clear);
    return outcome ? "TLS" : outcome.error().text;
  }

  std::string directory_;
  sys::Fd ours_;
  sys::Fd theirs_;
  tls::TlsRequest request_;
};

TEST_F(RemoteTls, AServerThatIsGone) {
  theirs_.close();
  const auto start = remote_tls_here(read_client_ciphers());
  EXPECT_TRUE(failure(*start).starts_with("TLS connect failed: ")) << failure(*start);
}

TEST_F(RemoteTls, AServerThatSaysNothingInTime) {
  request_.timeout = base::Seconds(1);
  EXPECT_EQ(failure(*remote_tls_here(read_client_ciphers())),
            "TLS connect failed: timed out; connected to");
}

TEST_F(RemoteTls, FilesThatAreOfNoUse) {
  request_.trusted = "control/tlshosts/b.pem";
  EXPECT_EQ(failure(*remote_tls_here(read_client_ciphers())),
            "TLS unable to load control/tlshosts/b.pem; connecting to");
  request_.trusted.reset();
  ASSERT_EQ(::system("mkdir -p control/tlsclientciphers"), 0);
  EXPECT_EQ(failure(*remote_tls_here(read_client_ciphers())),
            "TLS unable to load control/tlsclientciphers; connecting to");
}

// The ciphers are read with the program's other settings, not when a server begins TLS.
TEST_F(RemoteTls, CiphersAreThoseOfTheStart) {
  EXPECT_EQ(*read_client_ciphers(), "");
  ASSERT_EQ(
      ::system("mkdir -p control && printf 'NO-SUCH-CIPHER\\nB\\n' >control/tlsclientciphers"),
      0);
  EXPECT_EQ(*read_client_ciphers(), "NO-SUCH-CIPHER:B");
  const auto start = remote_tls_here(read_client_ciphers());
  ASSERT_EQ(::system("rm control/tlsclientciphers"), 0);
  EXPECT_NE(failure(*start).find("cipher"), std::string::npos) << failure(*start);
}

TEST_F(RemoteTls, AProgramThatIsNotThere) {
  int asked = 0;
  request_.state = [&asked]() {
    ++asked;
    return std::string("state");
  };
  EXPECT_EQ(failure(*remote_tls_by_exec({"qmail-remote"})),
            "TLS connect failed: unable to run bin/qmail-remote-tls: file does not exist; "
            "connected to");
  EXPECT_EQ(asked, 1);
  EXPECT_NE(::fcntl(ours_.get(), F_GETFD) & FD_CLOEXEC, 0) << "the socket goes to nobody else";
}

TEST_F(RemoteTls, ThereIsNothingToTakeOver) {
  const auto none = take_remote_handover();
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  for (const char* value : {"", "2", "x", "99999"}) {
    ::setenv("QMAILREMOTETLS", value, 1);
    EXPECT_FALSE(take_remote_handover()) << value;
    EXPECT_EQ(::getenv("QMAILREMOTETLS"), nullptr);
  }
}

}  // namespace
}  // namespace reqmail::remote
