// The four ways in which a server gets into TLS.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>

#include "listen/certificate_paths.h"
#include "listen/tls_by_child.h"
#include "listen/tls_by_exec.h"
#include "listen/tls_by_listener.h"
#include "listen/tls_child.h"
#include "listen/tls_dialogue.h"
#include "listen/tls_files.h"
#include "listen/tls_here.h"
#include "listen/tls_wish.h"
#include "sys/clock.h"
#include "sys/connection.h"
#include "sys/fd.h"
#include "sys/stream.h"
#include "tls/connection.h"
#include "tls/make.h"

namespace reqmail::listen {
namespace {

// A directory like qmail's home, and both ends of a connection.
class ServerTls : public ::testing::Test {
 protected:
  void SetUp() override {
    ::signal(SIGPIPE, SIG_IGN);
    char name[] = "/tmp/reqmail-listen.XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    directory_ = name;
    ASSERT_EQ(::chdir(name), 0);
    ASSERT_EQ(::system("mkdir control"), 0);
    for (const char* variable : {"UCSPITLS", "SSLCTLFD", "SSLREADFD", "SSLWRITEFD",
                                 "DISABLETLS", "TLSCIPHERS", "TLSMINVERSION"}) {
      ::unsetenv(variable);
    }
    auto pair = sys::make_socket_pair();
    ASSERT_TRUE(pair);
    ours_ = std::move(pair->one);
    client_ = std::move(pair->other);
  }

  void TearDown() override {
    ASSERT_EQ(::chdir("/"), 0);
    (void)!::system(("rm -rf " + directory_).c_str());
  }

  static void write(const std::string& name, const std::string& text) {
    std::ofstream(name) << text;
  }

  static void write_certificate() {
    const auto key = tls::make_key(tls::KeyKind::ec_p256);
    const base::Time now = sys::now();
    const auto certificate = tls::make_self_signed(
        *key, {"h.example"}, {now - base::Seconds(60), now + base::Seconds(600)});
    write("control/servercert.pem", *certificate + *key);
  }

  std::string directory_;
  sys::Fd ours_;
  sys::Fd client_;
};

TEST_F(ServerTls, WhatTheOperatorWants) {
  EXPECT_EQ(listener_tls_wish(), ListenerTlsWish::unset);
  for (const auto& [value, wish] : {std::pair("-", ListenerTlsWish::off),
                                    {"!", ListenerTlsWish::required},
                                    {"@", ListenerTlsWish::required},
                                    {"+", ListenerTlsWish::offered},
                                    {"", ListenerTlsWish::offered}}) {
    ::setenv("UCSPITLS", value, 1);
    EXPECT_EQ(listener_tls_wish(), wish) << value;
  }
  ::unsetenv("UCSPITLS");
  EXPECT_FALSE(has_certificate());
  write(std::string(kServerCertificate), "");
  EXPECT_TRUE(has_certificate());
  EXPECT_TRUE(has_certificate(directory_));
  EXPECT_FALSE(has_certificate("/nonexistent"));
  EXPECT_FALSE(tls_is_forbidden());
  ::setenv("UCSPITLS", "-", 1);
  EXPECT_TRUE(tls_is_forbidden());
  ::unsetenv("UCSPITLS");
  for (const auto& [value, disabled] :
       {std::pair("1", true), {"2x", true}, {"0", false}, {"", false}, {"no", false}}) {
    ::setenv("DISABLETLS", value, 1);
    EXPECT_EQ(tls_is_disabled(), disabled) << value;
    EXPECT_EQ(tls_is_forbidden(), disabled) << value;
  }
}

TEST_F(ServerTls, NothingIsOfferedThatIsNotAllowed) {
  write_certificate();
  const tls::Successor successor{"bin/program", {"program"}, "REQMAIL_TEST_STATE"};
  for (const bool allowed : {true, false}) {
    EXPECT_EQ(tls_by_exec(successor, allowed)->offered(), allowed);
    EXPECT_EQ(tls_here({"qmail-test", "smtp", base::Seconds(5), allowed})->offered(), allowed);
    EXPECT_FALSE(tls_by_child("program", allowed)->offered() && !allowed);
  }
}

TEST_F(ServerTls, TheListenerOnlyWithAllItsDescriptors) {
  EXPECT_EQ(tls_by_listener(true), nullptr);
  ::setenv("UCSPITLS", "", 1);
  ::setenv("SSLCTLFD", "20", 1);
  ::setenv("SSLREADFD", "21", 1);
  EXPECT_EQ(tls_by_listener(true), nullptr);
  ::setenv("SSLWRITEFD", "x", 1);
  EXPECT_EQ(tls_by_listener(true), nullptr);
  ::setenv("SSLWRITEFD", "22", 1);
  EXPECT_NE(tls_by_listener(true), nullptr);
  ::setenv("UCSPITLS", "-", 1);
  EXPECT_EQ(tls_by_listener(true), nullptr);
}

TEST_F(ServerTls, TheListenerTakesTheConnectionOver) {
  auto control = sys::make_pipe();
  auto secured = sys::make_socket_pair();
  ASSERT_TRUE(control && secured);
  const int number = secured->one.get();
  ::setenv("UCSPITLS", "", 1);
  ::setenv("SSLCTLFD", std::to_string(control->write.get()).c_str(), 1);
  ::setenv("SSLREADFD", std::to_string(number).c_str(), 1);
  ::setenv("SSLWRITEFD", std::to_string(number).c_str(), 1);
  const auto start = tls_by_listener(true);
  ASSERT_NE(start, nullptr);
  EXPECT_TRUE(start->offered());
  EXPECT_TRUE(start->prepare({}));
  sys::DescriptorConnection clear(ours_.get(), ours_.get());
  const auto outcome = start->begin({}, clear);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->connection, nullptr);
  char buffer[10];
  EXPECT_EQ(*sys::read_some(control->read.get(), buffer, sizeof buffer), 1U);
  EXPECT_EQ(buffer[0], 'y');
  EXPECT_EQ(::getenv("UCSPITLS"), nullptr);
  EXPECT_EQ(::getenv("SSLCTLFD"), nullptr);
  EXPECT_FALSE(sys::is_open(number));
  EXPECT_FALSE(sys::is_open(control->write.get()));
  (void)secured->one.release();
  (void)control->write.release();
  ASSERT_TRUE(clear.write("hi"));
  EXPECT_EQ(*sys::read_some(secured->other.get(), buffer, sizeof buffer), 2U);
}

TEST_F(ServerTls, AListenerThatIsGone) {
  ::setenv("UCSPITLS", "", 1);
  for (const char* name : {"SSLCTLFD", "SSLREADFD", "SSLWRITEFD"}) {
    ::setenv(name, "60000", 1);
  }
  sys::DescriptorConnection clear(ours_.get(), ours_.get());
  EXPECT_TRUE(
      tls_by_listener(true)->begin({}, clear).error().text.starts_with("handshake failed: "));
}

TEST_F(ServerTls, AProgramThatIsNotThere) {
  const auto start =
      tls_by_exec({"bin/qmail-smtpd-tls", {"qmail-smtpd"}, "REQMAIL_TEST_STATE"}, true);
  EXPECT_FALSE(start->offered());
  write("control/servercert.pem", "");
  EXPECT_TRUE(start->offered());
  tls::TlsRequest request;
  request.state = [] { return std::string("0:name"); };
  EXPECT_FALSE(start->prepare(request));
  sys::DescriptorConnection clear(ours_.get(), ours_.get());
  EXPECT_FALSE(start->begin(request, clear));
}

TEST_F(ServerTls, AProgramThatTakesOver) {
  ASSERT_EQ(::system("mkdir bin && printf '#!/bin/sh\\n"
                     "test \"$REQMAIL_TEST_STATE\" = 0:name && exit 7\\n' >bin/program && "
                     "chmod 755 bin/program"),
            0);
  const pid_t child = ::fork();
  if (child == 0) {
    tls::TlsRequest request;
    request.state = [] { return std::string("0:name"); };
    (void)tls_by_exec({"bin/program", {"program"}, "REQMAIL_TEST_STATE"}, true)
        ->prepare(request);
    ::_exit(1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST_F(ServerTls, AChildThatCannotBe) {
  const auto start = tls_by_child("no-such-program", true);
  EXPECT_EQ(start->prepare({}).error().text, "unable to start TLS");
  start->close();
}

// Without qmail's home or its certificate, the child reports that and ends.
TEST_F(ServerTls, TheChildSaysWhatIsWrong) {
  const pid_t child = ::fork();
  if (child == 0) {
    (void)::dup2(ours_.get(), kTlsDescriptor);
    ::_exit(serve_tls_child({"pop3", base::Seconds(5)}) ? 0 : 7);
  }
  ours_.close();
  sys::Reader answers(client_.get(), base::Seconds(20));
  std::string line;
  EXPECT_TRUE(answers.get_line(line, kTlsLineMax));
  EXPECT_TRUE(line.starts_with(kTlsError)) << line;
  client_.close();
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST_F(ServerTls, FilesOfAllServers) {
  auto settings = load_server_settings("smtp", tls_choices());
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->service, "smtp");
  EXPECT_EQ(settings->ciphers, "");
  EXPECT_EQ(settings->oldest, tls::OldestVersion::tls1_2);
  EXPECT_EQ(settings->ticket_keys, "");
  write("control/tlsserverciphers", "A:B\nC\n");
  write("control/tlsminversion", "1.1\n");
  write("control/tlsticketkey", "key");
  ASSERT_EQ(::system("mkdir -p control/servercerts/h.example"), 0);
  write("control/servercerts/h.example/servercert.pem", "PEM");
  settings = load_server_settings("smtp", tls_choices());
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->ciphers, "A:B:C");
  EXPECT_EQ(settings->oldest, tls::OldestVersion::tls1_1);
  EXPECT_EQ(settings->ticket_keys, "key");
  EXPECT_EQ(settings->named("h.example"), "PEM");
  EXPECT_EQ(settings->named("other.example"), "");
  ::setenv("TLSCIPHERS", "D", 1);
  ::setenv("TLSMINVERSION", "1.0", 1);
  settings = load_server_settings("smtp", tls_choices());
  EXPECT_EQ(settings->ciphers, "D");
  EXPECT_EQ(settings->oldest, tls::OldestVersion::tls1_0);
  ::setenv("TLSMINVERSION", "1.3", 1);
  EXPECT_EQ(load_server_settings("smtp", tls_choices()).error().text,
            "tlsminversion is none of 1.0, 1.1 and 1.2");
  // An empty TLSMINVERSION has no effect, but an empty list has.
  ::setenv("TLSMINVERSION", "", 1);
  ::setenv("TLSCIPHERS", "", 1);
  settings = load_server_settings("smtp", tls_choices());
  EXPECT_EQ(settings->oldest, tls::OldestVersion::tls1_1);
  EXPECT_EQ(settings->ciphers, "");
}

// The settings are read once, when the connection begins.
TEST_F(ServerTls, ChoicesAreThoseOfTheBeginning) {
  ::setenv("TLSCIPHERS", "A", 1);
  ::setenv("TLSMINVERSION", "1.0", 1);
  const TlsChoices choices = tls_choices();
  ::setenv("TLSCIPHERS", "B", 1);
  ::setenv("TLSMINVERSION", "1.3", 1);
  const auto settings = load_server_settings("smtp", choices);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->ciphers, "A");
  EXPECT_EQ(settings->oldest, tls::OldestVersion::tls1_0);
}

// Starts a child with the client's side of a handshake; it exits with 0 if it has read "hi".
pid_t start_client(int fd) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto context = tls::Context::client({});
    auto made = context ? tls::Connection::connect(*context, "", fd, fd,
                                                   {base::Seconds(10), base::Seconds(10)})
                        : context.error();
    char buffer[10];
    const auto count = made ? (*made)->read(buffer, sizeof buffer) : made.error();
    ::_exit(count && std::string(buffer, *count) == "hi" ? 0 : 1);
  }
  return child;
}

TEST_F(ServerTls, InThisProcess) {
  const auto start = tls_here({"qmail-test", "smtp", base::Seconds(10)});
  EXPECT_FALSE(start->offered());
  EXPECT_TRUE(start->prepare({}).error().text.starts_with("unable to read "));
  write_certificate();
  EXPECT_TRUE(start->offered());
  ASSERT_TRUE(start->prepare({}));
  ASSERT_TRUE(start->prepare({})) << "what is loaded stays loaded";
  const pid_t child = start_client(client_.get());
  client_.close();
  sys::DescriptorConnection clear(ours_.get(), ours_.get());
  auto outcome = start->begin({}, clear);
  ASSERT_TRUE(outcome) << outcome.error().text;
  ASSERT_NE(outcome->connection, nullptr);
  EXPECT_TRUE(outcome->connection->tls()->cipher.starts_with("TLS_"));
  EXPECT_FALSE(clear.tls());
  EXPECT_FALSE(outcome->client);
  EXPECT_FALSE(outcome->verify_error) << "nobody asked for a certificate";
  ASSERT_TRUE(outcome->connection->write("hi"));
  outcome->connection->close();
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(ServerTls, AClientThatSaysNoTls) {
  write_certificate();
  const auto start = tls_here({"qmail-test", "smtp", base::Seconds(10)});
  ASSERT_TRUE(start->prepare({}));
  ASSERT_TRUE(sys::write_all(client_.get(), "EHLO c\r\nNOOP\r\n"));
  sys::DescriptorConnection clear(ours_.get(), ours_.get());
  const auto outcome = start->begin({}, clear);
  ASSERT_FALSE(outcome);
  EXPECT_TRUE(outcome.error().text.starts_with("handshake failed: ")) << outcome.error().text;
}

}  // namespace
}  // namespace reqmail::listen
