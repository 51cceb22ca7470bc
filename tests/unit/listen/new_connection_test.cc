// What a connection's process does before its program runs, over a connection on the loopback
// interface.
#include "listen/new_connection.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "base/number.h"
#include "net/connect.h"
#include "net/listening_socket.h"
#include "sys/cdb.h"
#include "sys/descriptor_io.h"
#include "sys/file.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::listen {
namespace {

using namespace std::string_literals;

class NewConnectionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::clearenv();
    const base::IpAddress loopback = *base::IpAddress::parse("127.0.0.1");
    auto server = net::ListeningSocket::open({loopback, 0}, 5);
    ASSERT_TRUE(server);
    local_ = server->local();
    client_ = std::move(*net::connect_to(loopback, local_.port, base::Seconds(5)));
    ASSERT_TRUE(sys::wait_readable(server->descriptor(), std::chrono::seconds(5)));
    accepted_ = std::move(*server->accept());
    options_.remote_host = options_.remote_info = false;
    options_.local_host = "here";
  }

  Admission admit(const Crowd& crowd = {}, Verbosity verbosity = Verbosity::all) {
    ::testing::internal::CaptureStderr();
    Admission admission =
        listen::admit({accepted_.socket.get(), accepted_.remote, crowd}, options_, verbosity);
    log_ = ::testing::internal::GetCapturedStderr();
    return admission;
  }

  void rule(const std::string& value) {
    options_.rules = scratch_("rules.cdb");
    auto file = sys::open_truncated(options_.rules, 0644);
    auto writer = sys::CdbWriter::start(file->get());
    ASSERT_TRUE(writer->add("", value) && writer->finish());
  }

  std::string received() {
    std::string bytes(100, '\0');
    bytes.resize(sys::wait_readable(client_.get(), std::chrono::seconds(5))
                     ? sys::read_some(client_.get(), bytes.data(), bytes.size()).value_or(0)
                     : 0);
    return bytes;
  }

  [[nodiscard]] std::string lines(const std::string& word) const {
    const std::string pid = base::decimal(static_cast<std::uint64_t>(::getpid()));
    return "tcpserver: pid " + pid + " from 127.0.0.1\n" + "tcpserver: " + word + " " + pid +
           " here:127.0.0.1:" + base::decimal(local_.port) +
           " :127.0.0.1::" + base::decimal(accepted_.remote.port) + "\n";
  }

  tests::Scratch scratch_;
  ConnectionOptions options_;
  net::Endpoint local_;
  sys::Fd client_;
  net::AcceptedConnection accepted_;
  std::string log_;
};

TEST_F(NewConnectionTest, VariablesAndLines) {
  ::setenv("TCPREMOTEHOST", "forged", 1);
  ::setenv("OTHER", "kept", 1);
  const Admission admission = admit();
  EXPECT_FALSE(admission.refused);
  EXPECT_EQ(log_, lines("ok"));
  EXPECT_EQ(admission.environment.get("PROTO"), "TCP");
  EXPECT_EQ(admission.environment.get("TCPLOCALHOST"), "here");
  EXPECT_EQ(admission.environment.get("TCPREMOTEIP"), "127.0.0.1");
  EXPECT_EQ(admission.environment.get("TCPREMOTEPORT"), base::decimal(accepted_.remote.port));
  EXPECT_FALSE(admission.environment.get("TCPREMOTEHOST"));
  EXPECT_EQ(admission.environment.get("OTHER"), "kept");
}

TEST_F(NewConnectionTest, TheBannerComesFirst) {
  options_.banner = "hello\r\n";
  rule("D\0"s);
  EXPECT_EQ(admit().refused, 100);
  EXPECT_EQ(received(), "hello\r\n");
}

TEST_F(NewConnectionTest, RulesSetVariablesAndDeny) {
  rule("+RELAYCLIENT=\0+TCPREMOTEIP=10.0.0.1\0"s);
  EXPECT_EQ(admit().environment.get("RELAYCLIENT"), "");
  EXPECT_EQ(log_, lines("ok"));
  rule("D\0"s);
  EXPECT_EQ(admit().refused, 100);
  EXPECT_EQ(log_, lines("deny"));
}

TEST_F(NewConnectionTest, RulesThatCannotBeRead) {
  options_.rules = scratch_("absent");
  EXPECT_EQ(admit({}, Verbosity::errors).refused, 111);
  EXPECT_EQ(log_, "tcpserver: warning: dropping connection, unable to read " + options_.rules +
                      ": file does not exist\n");
  EXPECT_EQ(admit({}, Verbosity::quiet).refused, 111);
  EXPECT_EQ(log_, "");
  options_.rules_may_be_absent = true;
  EXPECT_FALSE(admit({}, Verbosity::errors).refused);
  EXPECT_EQ(log_, "");
  options_.rules = scratch_.put("damaged", "short");
  EXPECT_EQ(admit({}, Verbosity::errors).refused, 111);
}

TEST_F(NewConnectionTest, LimitsOfOneAddressAndOneNetwork) {
  options_.limits = {.of_address = 2, .of_network = 5};
  EXPECT_FALSE(admit({2, 5}).refused);
  EXPECT_EQ(admit({3, 5}).refused, 100);
  EXPECT_NE(log_.find("too many connections from 127.0.0.1: 3/2\n"), std::string::npos) << log_;
  EXPECT_NE(log_.find("tcpserver: deny "), std::string::npos);
  EXPECT_EQ(admit({2, 6}).refused, 100);
  EXPECT_NE(log_.find("too many connections from 127.0.0.1/24: 6/5\n"), std::string::npos);
}

TEST_F(NewConnectionTest, VariablesReplaceLimits) {
  options_.limits = {.of_address = 2, .of_network = 5};
  rule("+MAXCONNIP=4\0+MAXCONNC=0\0+DIEMSG=421 too many\0"s);
  EXPECT_FALSE(admit({4, 100}).refused);
  EXPECT_EQ(admit({5, 100}).refused, 100);
  EXPECT_EQ(received(), "421 too many\r\n");
  ::setenv("MAXCONNC", "3", 1);
  options_.rules.clear();
  EXPECT_EQ(admit({1, 4}).refused, 100);
}

}  // namespace
}  // namespace reqmail::listen
