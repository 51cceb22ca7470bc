// A delivery that finds no server, and the programs that take part in it.
#include "remote/attempt.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "remote/main.h"
#include "remote/shared_slots.h"
#include "remote/tls_by_exec.h"
#include "sys/fd.h"
#include "sys/stream.h"
#include "tests/unit/support/fake_dns.h"

namespace reqmail::remote {
namespace {

class NoTls final : public tls::StartTls {
 public:
  Result<tls::TlsOutcome> begin(const tls::TlsRequest& /*request*/,
                                sys::Connection& /*clear*/) override {
    return temporary("no TLS; connected to");
  }
};

class Attempts : public ::testing::Test {
 protected:
  std::string report(const std::string& host, const std::string& sender,
                     std::vector<std::string> recipients) {
    Delivery delivery{host, sender, std::move(recipients), -1};
    Surroundings surroundings{dns_, "/nonexistent/tcpto", 1, no_tls_};
    std::string text = attempt(settings_, delivery, surroundings);
    std::replace(text.begin(), text.end(), '\0', '|');
    return text;
  }

  test::FakeDns dns_;
  NoTls no_tls_;
  Settings settings_;
};

TEST_F(Attempts, AnAddressThatNoCommandCanHold) {
  const std::string improper = "DI (qmail-remote) was invoked improperly. (#5.3.5)\n|";
  EXPECT_EQ(report("b.example", "s@a", {"x\n@b"}), improper);
  EXPECT_EQ(report("b.example", "s\r@a", {"x@b"}), improper);
  EXPECT_EQ(report("b.example", "s@a", {}), improper);
  EXPECT_TRUE(dns_.asked.empty());
}

TEST_F(Attempts, AHostThatIsNotFound) {
  EXPECT_EQ(report("b.example", "s@a", {"x@b.example"})[0], 'D');
  dns_.add_silence("MX slow.example");
  EXPECT_EQ(report("slow.example", "s@a", {"x@slow.example"})[0], 'Z');
}

TEST_F(Attempts, AHostThatTakesNoMail) {
  dns_.add("MX null.example", {test::mx_record("null.example", 0, "")});
  EXPECT_EQ(report("null.example", "s@a", {"x@null.example"}),
            "DSorry, host does not accept mail (null MX). (#5.1.10)\n|");
}

TEST_F(Attempts, AnAddressThatTakesNoConnection) {
  settings_.connect_timeout = base::Seconds(2);
  // The route leads to a port of this host on which nobody listens.
  settings_.routes = SmtpRoutes({":[127.0.0.1]:1"});
  EXPECT_EQ(report("b.example", "s@a", {"x@b.example"}),
            "ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n|");
}

// Returns what the program writes for these arguments.
std::string output_of(std::vector<std::string> arguments, int& status) {
  auto pipe = sys::make_pipe();
  EXPECT_TRUE(pipe);
  const pid_t child = ::fork();
  if (child == 0) {
    (void)::dup2(pipe->write.get(), STDOUT_FILENO);
    std::vector<char*> argv;
    for (std::string& argument : arguments) {
      argv.push_back(argument.data());
    }
    remote_main(
        static_cast<int>(argv.size()), argv.data(), [] { return std::make_unique<NoTls>(); },
        take_remote_handover());
  }
  pipe->write.close();
  auto text = sys::read_all(pipe->read.get(), 10000);
  (void)::waitpid(child, &status, 0);
  return text ? *text : "?";
}

TEST(RemoteMain, TooFewArgumentsHaveAReport) {
  int status = -1;
  EXPECT_EQ(output_of({"qmail-remote", "host", "sender"}, status),
            std::string("DI (qmail-remote) was invoked improperly. (#5.3.5)\n\0", 52));
  EXPECT_EQ(status, 0);
}

TEST(SharedSlots, NoneWithoutTheVariable) {
  ::unsetenv("QMAILREMOTESLOTS");
  EXPECT_FALSE(inherited_remote_slots());
  for (const char* value : {"", "x", "1", "99"}) {
    ::setenv("QMAILREMOTESLOTS", value, 1);
    EXPECT_FALSE(inherited_remote_slots()) << value;
  }
  ::unsetenv("QMAILREMOTESLOTS");
}

}  // namespace
}  // namespace reqmail::remote
