// When a connection that was kept may be used.
#include "remote/kept_connection.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

namespace reqmail::remote {
namespace {

class NoTls final : public tls::StartTls {
 public:
  Result<tls::TlsOutcome> begin(const tls::TlsRequest& /*request*/,
                                sys::Connection& /*clear*/) override {
    return temporary("");
  }
};

class KeptConnectionTest : public ::testing::Test {
 protected:
  void keep(base::Seconds idle) {
    std::array<int, 2> ends = {};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()),
              0);
    server_ = sys::Fd(ends[1]);
    auto contact = std::make_unique<Contact>(Target{}, sys::Fd(ends[0]), base::Seconds(5),
                                             base::Seconds(60));
    contact->terms = "terms";
    contact->smtp =
        std::make_unique<SmtpConnection>(SmtpConnectionSettings{}, contact->clear, no_tls_);
    contact->smtp->outlive_opening();
    kept_.put(std::move(contact), idle);
  }

  std::string heard() const {
    std::array<char, 100> bytes = {};
    const ssize_t count = ::read(server_.get(), bytes.data(), bytes.size());
    return count < 0 ? "nothing" : std::string(bytes.data(), static_cast<std::size_t>(count));
  }

  NoTls no_tls_;
  sys::Fd server_;
  KeptConnection kept_;
};

TEST_F(KeptConnectionTest, IsTakenOnceOnItsTerms) {
  EXPECT_EQ(kept_.take("terms"), nullptr);
  keep(base::Seconds(60));
  EXPECT_TRUE(kept_.is_there());
  EXPECT_GT(kept_.time_left(), std::chrono::seconds(50));
  EXPECT_NE(kept_.take("terms"), nullptr);
  EXPECT_FALSE(kept_.is_there());
  EXPECT_EQ(kept_.take("terms"), nullptr);
}

TEST_F(KeptConnectionTest, OtherTermsEndIt) {
  keep(base::Seconds(60));
  EXPECT_EQ(kept_.take("term"), nullptr);
  EXPECT_FALSE(kept_.is_there());
  EXPECT_EQ(heard(), "QUIT\r\n");
  EXPECT_EQ(heard(), "");
}

TEST_F(KeptConnectionTest, ItsTimeEnds) {
  keep(base::Seconds(0));
  EXPECT_EQ(kept_.take("terms"), nullptr);
  EXPECT_EQ(heard(), "QUIT\r\n");
}

TEST_F(KeptConnectionTest, NoConnectionIsKeptForever) {
  keep(base::Seconds(100000));
  EXPECT_LE(kept_.time_left(), std::chrono::milliseconds(kKeptMax));
}

TEST_F(KeptConnectionTest, AServerThatHasSaidSomethingIsNotUsed) {
  keep(base::Seconds(60));
  ASSERT_EQ(::write(server_.get(), "421 x\r\n", 7), 7);
  EXPECT_EQ(kept_.take("terms"), nullptr);
}

TEST_F(KeptConnectionTest, AServerThatHasHungUpIsNotUsed) {
  keep(base::Seconds(60));
  server_.close();
  EXPECT_EQ(kept_.take("terms"), nullptr);
}

TEST_F(KeptConnectionTest, AnotherOneTakesItsPlace) {
  keep(base::Seconds(60));
  sys::Fd first = std::move(server_);
  keep(base::Seconds(60));
  std::swap(first, server_);
  EXPECT_EQ(heard(), "QUIT\r\n");
  std::swap(first, server_);
  EXPECT_EQ(heard(), "nothing");
  kept_.close();
  kept_.close();
  EXPECT_EQ(heard(), "QUIT\r\n");
}

}  // namespace
}  // namespace reqmail::remote
