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

class ListenerTest : public testing::Test {
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
      Listener listener(options_, std::move(sockets), sessions);
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

}  // namespace
}  // namespace reqmail::listen
