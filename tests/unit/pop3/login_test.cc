// A POP3 login over a pair of sockets, with shell scripts as checkers.
#include "pop3/login.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "pop3/tls.h"
#include "sys/fd.h"
#include "sys/stream.h"

namespace reqmail::pop3 {
namespace {

class FakeTls final : public tls::StartTls {
 public:
  bool offered() override { return offers; }

  Result<void> prepare(const tls::TlsRequest& request) override {
    has_end = request.end.has_value();
    return prepared;
  }

  Result<tls::TlsOutcome> begin(const tls::TlsRequest& /*request*/,
                                sys::Connection& /*clear*/) override {
    ++begun;
    return tls::TlsOutcome();
  }

  void close() override { ++closed; }

  bool offers = true;
  bool has_end = false;
  Result<void> prepared;
  int begun = 0;
  int closed = 0;
};

class Login : public ::testing::Test {
 protected:
  void SetUp() override {
    ::signal(SIGPIPE, SIG_IGN);
    settings_.greeting = settings_.timestamp = "<1.2@h>";
    // The login passes descriptors 0 and 1 on, which are the client.
    kept_input_ = sys::Fd(::dup(STDIN_FILENO));
    kept_output_ = sys::Fd(::dup(STDOUT_FILENO));
    check_with("exit 0");
  }

  void check_with(const std::string& script) { settings_.checker = {"/bin/sh", "-c", script}; }

  // Returns what the client reads after it has sent this and closed its end.
  std::string talk(const std::string& said) {
    auto pair = sys::make_socket_pair();
    EXPECT_TRUE(pair);
    EXPECT_TRUE(sys::write_all(pair->other.get(), said));
    sys::end_writing(pair->other.get());
    (void)::dup2(pair->one.get(), STDIN_FILENO);
    (void)::dup2(pair->one.get(), STDOUT_FILENO);
    pair->one.close();
    sys::DescriptorConnection client(STDIN_FILENO, STDOUT_FILENO);
    served_ = serve_pop3_login(settings_, tls_, client).has_value();
    // Otherwise the client would get an error because of unread bytes.
    sys::drain(STDIN_FILENO);
    (void)::dup2(kept_input_.get(), STDIN_FILENO);
    (void)::dup2(kept_output_.get(), STDOUT_FILENO);
    return sys::read_all(pair->other.get(), 100000).value_or("?");
  }

  Pop3LoginSettings settings_;
  FakeTls tls_;
  sys::Fd kept_input_;
  sys::Fd kept_output_;
  bool served_ = false;
};

const std::string kGreeting = "+OK <1.2@h>\r\n";

TEST_F(Login, TheCheckerGetsTheLoginAndTheRest) {
  check_with("tr '\\0' '|' <&3; read line; echo \" $line\"");
  EXPECT_EQ(talk("USER joe\r\nPASS a secret\r\nSTAT\r\n"),
            kGreeting + "+OK \r\njoe|a secret|<1.2@h>| STAT\r\n");
  EXPECT_EQ(talk("APOP joe 0123456789abcdef0123456789abcdef\r\nLIST\r\n"),
            kGreeting + "joe|0123456789abcdef0123456789abcdef|<1.2@h>| LIST\r\n");
  EXPECT_TRUE(served_);
  EXPECT_EQ(tls_.closed, 2);
}

TEST_F(Login, TroubleIsTheEnd) {
  const std::string start = kGreeting + "+OK \r\n";
  check_with("cat <&3 >/dev/null; kill -9 $$");
  EXPECT_EQ(talk("USER joe\r\nPASS x\r\nUSER joe\r\n"), start + "-ERR aack, child crashed\r\n");
  check_with("cat <&3 >/dev/null; exit 111");
  EXPECT_EQ(talk("USER joe\r\nPASS x\r\nUSER joe\r\n"),
            start + "-ERR authorization failed\r\n");
  settings_.guarded = false;
  check_with("cat <&3 >/dev/null; exit 1");
  EXPECT_EQ(talk("USER joe\r\nPASS x\r\nUSER joe\r\n"),
            start + "-ERR authorization failed\r\n");
}

TEST_F(Login, EndsWithoutALogin) {
  EXPECT_EQ(talk(""), kGreeting);
  EXPECT_EQ(talk("QUIT\r\nUSER joe\r\n"), kGreeting + "+OK \r\n");
  EXPECT_EQ(talk(std::string(140000, 'x')), kGreeting + "-ERR line too long\r\n");
}

TEST_F(Login, StlsAndARefusalOfIt) {
  EXPECT_EQ(talk("STLS\r\n"), kGreeting + "+OK begin TLS\r\n");
  EXPECT_EQ(tls_.begun, 1);
  tls_.prepared = temporary("no certificate");
  const std::string heard = talk("STLS\r\nNOOP\r\nQUIT\r\n");
  EXPECT_TRUE(heard.starts_with(kGreeting + "-ERR TLS no certificate\r\n")) << heard;
  EXPECT_TRUE(heard.ends_with("+OK \r\n")) << "the session goes on: " << heard;
  EXPECT_EQ(tls_.begun, 1);
}

TEST_F(Login, TlsFirst) {
  settings_.implicit_tls = true;
  check_with("cat <&3 >/dev/null; echo in");
  EXPECT_EQ(talk("USER joe\r\nPASS x\r\n"), kGreeting + "+OK \r\nin\n");
  EXPECT_EQ(tls_.begun, 1);
  EXPECT_TRUE(tls_.has_end);
  tls_.prepared = temporary("no certificate");
  EXPECT_EQ(talk(""), "");
  EXPECT_FALSE(served_);
}

TEST(Pop3Tls, WaysThereAre) {
  for (const char* name : {"UCSPITLS", "SSLCTLFD", "SSLREADFD", "SSLWRITEFD", "DISABLETLS"}) {
    ::unsetenv(name);
  }
  ::setenv("UCSPITLS", "", 1);
  ::setenv("SSLCTLFD", "60000", 1);
  ::setenv("SSLREADFD", "60001", 1);
  ::setenv("SSLWRITEFD", "60002", 1);
  EXPECT_TRUE(pop3_tls()->offered()) << "the listener needs no certificate here";
  ::setenv("DISABLETLS", "1", 1);
  EXPECT_FALSE(pop3_tls()->offered());
  EXPECT_FALSE(pop3_tls_by_child()->offered());
  for (const char* name : {"UCSPITLS", "SSLCTLFD", "SSLREADFD", "SSLWRITEFD", "DISABLETLS"}) {
    ::unsetenv(name);
  }
}

}  // namespace
}  // namespace reqmail::pop3
