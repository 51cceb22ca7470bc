// A listener in a process of its own, and clients of it.
#include "listen/listener.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "net/connect.h"
#include "sys/descriptor_io.h"
#include "sys/exits.h"
#include "sys/stream.h"

namespace reqmail::listen {
namespace {

const base::IpAddress kLoopback = *base::IpAddress::parse("127.0.0.1");

class OwnSessions : public SessionSource {
 public:
  Session next() override {
    ++count_;
    return [count = count_] {
      const char* ip = std::getenv("TCPREMOTEIP");
      (void)sys::write_all(STDOUT_FILENO, "session " + std::to_string(count) + " of " +
                                              (ip == nullptr ? "nobody" : ip));
      return 7;
    };
  }

 private:
  int count_ = 0;
};

class ListenerTest : public ::testing::Test {
 protected:
  void TearDown() override {
    if (process_ > 0) {
      (void)::kill(process_, SIGKILL);
      (void)::waitpid(process_, nullptr, 0);
    }
  }

  void start(std::vector<std::string> program, SessionSource* sessions = nullptr) {
    options_.program = std::move(program);
    options_.connection.remote_host = options_.connection.remote_info = false;
    options_.connection.local_host = "here";
    auto socket = net::ListeningSocket::open({kLoopback, 0}, 20);
    ASSERT_TRUE(socket);
    port_ = socket->local().port;
    process_ = ::fork();
    if (process_ == 0) {
      std::vector<net::ListeningSocket> sockets;
      sockets.push_back(std::move(*socket));
      Listener listener(options_, std::move(sockets), sessions, connections_);
      sys::finish(listener.serve() ? 0 : 1);
    }
  }

  [[nodiscard]] sys::Fd connect() const {
    auto client = net::connect_to(kLoopback, port_, base::Seconds(5));
    return client ? std::move(*client) : sys::Fd();
  }

  // Returns what a client gets until the end.
  [[nodiscard]] std::string said() const {
    const sys::Fd client = connect();
    sys::set_blocking(client.get());
    auto text = sys::read_all(client.get(), 1000);
    return text ? *text : "failure";
  }

  int end() {
    int status = -1;
    (void)::kill(process_, SIGTERM);
    (void)::waitpid(process_, &status, 0);
    process_ = -1;
    return status;
  }

  ListenerOptions options_;
  std::optional<ConnectionCounts> connections_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

TEST_F(ListenerTest, ExecutesTheProgram) {
  start({"/bin/sh", "-c", "echo \"$0 $TCPREMOTEIP\"", "argument"});
  EXPECT_EQ(said(), "argument 127.0.0.1\n");
  EXPECT_EQ(said(), "argument 127.0.0.1\n");
  EXPECT_EQ(end(), 0);
}

TEST_F(ListenerTest, DoesTheWorkOfTheProgram) {
  OwnSessions sessions;
  start({"/nonexistent"}, &sessions);
  EXPECT_EQ(said(), "session 1 of 127.0.0.1");
  EXPECT_EQ(said(), "session 2 of 127.0.0.1");
  EXPECT_EQ(end(), 0);
}

TEST_F(ListenerTest, AConnectionBeyondTheLimitWaits) {
  options_.connections = 1;
  start({"/bin/sh", "-c", "echo first; read line"});
  const sys::Fd one = connect();
  ASSERT_TRUE(sys::wait_readable(one.get(), std::chrono::seconds(5)));
  const sys::Fd other = connect();
  EXPECT_FALSE(sys::wait_readable(other.get(), std::chrono::milliseconds(300)));
  ASSERT_TRUE(sys::write_all(one.get(), "\n"));
  EXPECT_TRUE(sys::wait_readable(other.get(), std::chrono::seconds(5)));
}

// A source that soon has another program in the place of the listener.
class Replaced final : public OwnSessions {
 public:
  explicit Replaced(tls::Successor successor) : successor_(std::move(successor)) {}

  const tls::Successor* successor() override { return ++asked_ > 1 ? &successor_ : nullptr; }

 private:
  tls::Successor successor_;
  int asked_ = 0;
};

TEST_F(ListenerTest, AnotherProgramGoesOnWithItsSockets) {
  // It accepts nothing, and says what it knows to the client that waits for the first answer.
  char name[] = "/tmp/reqmail-listener.XXXXXX";
  const sys::Fd file(::mkstemp(name));
  Replaced sessions(
      {"/bin/sh",
       {"sh", "-c",
        "cat /dev/fd/$REQMAIL_TEST_STATE >$0; test -S /dev/fd/3 || echo none >>$0;"
        "echo $$ >>$0; kill $$",
        name},
       "REQMAIL_TEST_STATE"});
  start({"/nonexistent"}, &sessions);
  EXPECT_EQ(said(), "session 1 of 127.0.0.1");
  const sys::Fd client = connect();
  int status = 0;
  EXPECT_EQ(::waitpid(process_, &status, 0), process_);
  const auto text = sys::read_all(file.get(), 1000);
  (void)::unlink(name);
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->starts_with("socket ")) << *text;
  EXPECT_TRUE(text->ends_with("\n" + std::to_string(process_) + "\n")) << *text;
  process_ = -1;
}

TEST_F(ListenerTest, AProgramThatCannotBeExecutedIsDoneWithout) {
  Replaced sessions({"/nonexistent/program", {"program"}, "REQMAIL_TEST_STATE"});
  start({"/nonexistent"}, &sessions);
  EXPECT_EQ(said(), "session 1 of 127.0.0.1");
  EXPECT_EQ(said(), "session 2 of 127.0.0.1");
  EXPECT_EQ(end(), 0);
}

TEST_F(ListenerTest, OneThatGoesOnCountsTheConnectionsBefore) {
  ConnectionCounts before;
  before.begin(1, kLoopback);
  options_.connections = 1;
  connections_ = before;
  start({"/bin/sh", "-c", "echo served"});
  const sys::Fd client = connect();
  EXPECT_FALSE(sys::wait_readable(client.get(), std::chrono::milliseconds(300)));
  EXPECT_EQ(end(), 0);
}

}  // namespace
}  // namespace reqmail::listen
