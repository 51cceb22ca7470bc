// A policy server on a socket of this host.
#include "remote/policy_server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include "sys/fd.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::remote {
namespace {

// Answers one client with these bytes and closes the connection.
class PolicyServers : public ::testing::Test {
 protected:
  Result<DomainPolicy> ask(const std::string& answer) {
    const std::string path = scratch_("socket");
    const sys::Fd listener(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    EXPECT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener.get(), 1), 0);
    std::thread server([&] {
      const sys::Fd client(::accept(listener.get(), nullptr, nullptr));
      std::array<char, 100> request = {};
      const ssize_t count = ::read(client.get(), request.data(), request.size());
      request_.assign(request.data(), static_cast<std::size_t>(count));
      EXPECT_EQ(::write(client.get(), answer.data(), answer.size()),
                static_cast<ssize_t>(answer.size()));
    });
    auto policy = ask_policy_server("unix:" + path + ":QUERY", "b.example", base::Seconds(5));
    server.join();
    EXPECT_EQ(::unlink(path.c_str()), 0);
    return policy;
  }

  const tests::Scratch scratch_;
  std::string request_;
};

TEST_F(PolicyServers, Policies) {
  const auto secure = ask("32:OK secure match=mx.b.example a=b,");
  ASSERT_TRUE(secure);
  EXPECT_EQ(secure->level, TlsLevel::verify);
  EXPECT_EQ(request_, "15:QUERY b.example,");
  const auto none = ask("9:NOTFOUND ,");
  ASSERT_TRUE(none);
  EXPECT_EQ(none->level, TlsLevel::may);
}

TEST_F(PolicyServers, WhatIsNoAnswer) {
  for (const char* answer : {"6:TEMP x,", "13:OK frobnicate,", "20:OK may", "x", ""}) {
    const auto policy = ask(answer);
    ASSERT_FALSE(policy) << answer;
    EXPECT_EQ(policy.error().text, "TLS policy of b.example unknown for now. (#4.7.5)");
  }
  EXPECT_FALSE(ask_policy_server("unix:/nowhere/socket:QUERY", "b.example"));
  EXPECT_FALSE(ask_policy_server("nonsense", "b.example"));
}

}  // namespace
}  // namespace reqmail::remote
