// The relay between a TLS client and a socket in clear. It runs in a child, and the test has
// both its ends.
#include "tls/relay.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <memory>
#include <string>

#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/stream.h"
#include "tls/make.h"

namespace reqmail::tls {
namespace {

constexpr TimeLimits kLimits{base::Seconds(5), base::Seconds(5), std::nullopt};
constexpr RelayLimits kPatient{base::Seconds(60), base::Seconds(60)};

class Relay : public ::testing::Test {
 protected:
  void SetUp() override {
    ::signal(SIGPIPE, SIG_IGN);
    char name[] = "/tmp/reqmail-relay.XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    directory_ = name;
    const auto key = make_key(KeyKind::ec_p256);
    ASSERT_TRUE(key);
    const base::Time now = sys::now();
    const auto certificate = make_self_signed(
        *key, {"h.example"}, {now - base::Seconds(60), now + base::Seconds(600)});
    ASSERT_TRUE(certificate);
    std::ofstream(directory_ + "/pem") << *certificate << *key;
  }

  void TearDown() override {
    client_.reset();
    wire_.close();
    inner_.close();
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    (void)!::system(("rm -rf " + directory_).c_str());
  }

  void start(const RelayLimits& limits) {
    auto outside = sys::make_socket_pair();
    auto inside = sys::make_socket_pair();
    ASSERT_TRUE(outside && inside);
    child_ = ::fork();
    if (child_ == 0) {
      outside->one.close();
      inside->one.close();
      ServerSettings settings;
      settings.certificate = directory_ + "/pem";
      auto context = Context::server(settings);
      auto made = context ? Connection::accept(*context, outside->other.get(),
                                               outside->other.get(), kLimits)
                          : context.error();
      if (!made) {
        ::_exit(1);
      }
      relay(**made, inside->other.get(), limits);
      ::_exit(0);
    }
    wire_ = std::move(outside->one);
    inner_ = std::move(inside->one);
    auto context = Context::client({});
    ASSERT_TRUE(context);
    context_ = std::make_unique<Context>(std::move(*context));
    auto made = Connection::connect(*context_, "", wire_.get(), wire_.get(), kLimits);
    ASSERT_TRUE(made);
    client_ = std::move(*made);
  }

  // Returns what the client reads next; "?" if it cannot read.
  std::string heard() {
    char buffer[1000];
    const auto count = client_->read(buffer, sizeof buffer);
    return count ? std::string(buffer, *count) : "?";
  }

  // Returns what the programs read next; "?" if nothing comes.
  std::string said() {
    char buffer[1000];
    if (!sys::wait_readable(inner_.get(), std::chrono::seconds(5))) {
      return "?";
    }
    const auto count = sys::read_some(inner_.get(), buffer, sizeof buffer);
    return count ? std::string(buffer, *count) : "?";
  }

  // Writes for the programs until nothing more is accepted; returns the number of bytes.
  std::size_t write_all_that_goes() {
    const std::string text(10000, 'x');
    std::size_t total = 0;
    sys::set_nonblocking(inner_.get());
    while (sys::wait_writable(inner_.get(), std::chrono::milliseconds(300))) {
      const auto count = sys::write_some(inner_.get(), text);
      if (!count) {
        break;
      }
      total += *count;
    }
    sys::set_blocking(inner_.get());
    return total;
  }

  // Returns after which time the relay has ended by itself.
  std::chrono::milliseconds ends_after() {
    const auto begin = sys::monotonic();
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = -1;
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return sys::monotonic() - begin;
  }

  std::string directory_;
  std::unique_ptr<Context> context_;
  std::unique_ptr<Connection> client_;
  sys::Fd wire_;
  sys::Fd inner_;
  pid_t child_ = -1;
};

TEST_F(Relay, TheEndOfEachSideReachesTheOther) {
  start(kPatient);
  ASSERT_TRUE(client_->write("hello"));
  EXPECT_EQ(said(), "hello");
  ASSERT_TRUE(sys::write_all(inner_.get(), "there"));
  EXPECT_EQ(heard(), "there");
  ASSERT_TRUE(client_->write("last"));
  client_->close();
  EXPECT_EQ(said(), "last");
  EXPECT_EQ(said(), "");
  // A client that has closed its end for writing may still read.
  ASSERT_TRUE(sys::write_all(inner_.get(), "answer"));
  sys::end_writing(inner_.get());
  EXPECT_EQ(heard(), "answer");
  EXPECT_EQ(heard(), "");
  EXPECT_LT(ends_after(), std::chrono::seconds(5));
}

TEST_F(Relay, TheEndIsNotAnnouncedWhereTheConnectionIsCut) {
  start(kPatient);
  ::kill(child_, SIGKILL);
  EXPECT_EQ(heard(), "?");
  EXPECT_EQ(said(), "");
}

TEST_F(Relay, NeitherSideWaitsForTheOther) {
  start(kPatient);
  std::size_t total = write_all_that_goes();
  EXPECT_GT(total, 100000U);
  EXPECT_LT(total, 10000000U);
  // The client does not read, but what it writes is still passed on.
  ASSERT_TRUE(client_->write("stop"));
  EXPECT_EQ(said(), "stop");
  sys::end_writing(inner_.get());
  std::string text = heard();
  while (!text.empty() && text != "?") {
    ASSERT_LE(text.size(), total);
    total -= text.size();
    text = heard();
  }
  EXPECT_EQ(text, "");
  EXPECT_EQ(total, 0U);
}

TEST_F(Relay, AClientThatTakesNothingIsLeft) {
  start({base::Seconds(1), base::Seconds(60)});
  EXPECT_GT(write_all_that_goes(), 100000U);
  const auto waited = ends_after();
  EXPECT_LT(waited, std::chrono::seconds(5));
  EXPECT_FALSE(sys::write_all(inner_.get(), "x"));
}

TEST_F(Relay, EndsSoonAfterTheClientHasGone) {
  start({base::Seconds(60), base::Seconds(1)});
  ASSERT_TRUE(client_->write("last"));
  wire_.close();
  EXPECT_EQ(said(), "last");
  EXPECT_EQ(said(), "");
  // Nobody reads this, and that does no harm.
  EXPECT_TRUE(sys::write_all(inner_.get(), "answer"));
  EXPECT_LT(ends_after(), std::chrono::seconds(5));
}

// The relay has no time limit for silent peers.
TEST_F(Relay, SilenceIsNotItsBusiness) {
  start({base::Seconds(1), base::Seconds(1)});
  ::usleep(1500000);
  ASSERT_TRUE(client_->write("awake"));
  EXPECT_EQ(said(), "awake");
}

}  // namespace
}  // namespace reqmail::tls
