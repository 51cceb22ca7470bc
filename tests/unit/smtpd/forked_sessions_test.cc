// Sessions over a socket pair in forked processes, with control files of a home of their own.
#include "smtpd/forked_sessions.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/support/control_home.h"

namespace reqmail::smtpd {
namespace {

class Forked : public tests::ControlHome {
 protected:
  void SetUp() override {
    ::clearenv();
    control("me", "host.example\n");
  }

  ForkedSessionSettings settings() {
    return {.home = home(),
            .arguments = {"qmail-smtpd"},
            .is_ours = [this] { return ours_; },
            .tls_is_ours = [this] { return tls_is_ours_; },
            .successor = {"program", {"program"}, "VARIABLE"},
            .successor_is_ours = [this] { return successor_is_ours_; },
            .judge_mark = {}};
  }

  bool ours_ = true;
  bool tls_is_ours_ = true;
  bool successor_is_ours_ = true;
};

// Notes what it is asked for.
class NotedTls final : public ForkedTls {
 public:
  void load(const SmtpdFiles& files, const std::vector<std::string>& arguments) override {
    loaded += files.me.value_or("?") + ":" + std::to_string(arguments.size()) + " ";
  }

  void forget() override { loaded += "forget "; }

  std::unique_ptr<tls::StartTls> make(const SmtpdFiles& /*files*/,
                                      const SmtpdEnvironment& /*environment*/) override {
    return nullptr;
  }

  std::string loaded;
};

TEST_F(Forked, AnotherProgramIsExecuted) {
  ForkedSessions sessions(settings(), nullptr);
  EXPECT_TRUE(sessions.next());
  ours_ = false;
  EXPECT_FALSE(sessions.next());
}

TEST_F(Forked, WithoutItsHomeTheProgramIsExecuted) {
  ForkedSessionSettings elsewhere = settings();
  elsewhere.home = home() + "/absent";
  ForkedSessions sessions(elsewhere, nullptr);
  EXPECT_FALSE(sessions.next());
}

TEST_F(Forked, TheWorkingDirectoryStays) {
  ASSERT_EQ(::chdir("/"), 0);
  ForkedSessions sessions(settings(), nullptr);
  EXPECT_TRUE(sessions.next());
  char here[2] = {};
  EXPECT_STREQ(::getcwd(here, sizeof here), "/");
}

TEST_F(Forked, WhereTlsIsPossibleAnotherProgramGoesOn) {
  ForkedSessions sessions(settings(), nullptr);
  EXPECT_TRUE(sessions.next());
  EXPECT_EQ(sessions.successor(), nullptr);
  control("servercert.pem", "");
  EXPECT_TRUE(sessions.next());
  ASSERT_NE(sessions.successor(), nullptr);
  EXPECT_STREQ(sessions.successor()->program, "program");
  successor_is_ours_ = false;
  EXPECT_EQ(sessions.successor(), nullptr);
  successor_is_ours_ = true;
  tls_is_ours_ = false;
  EXPECT_EQ(sessions.successor(), nullptr);
  tls_is_ours_ = true;
  ::setenv("DISABLETLS", "1", 1);
  control("other", "");
  EXPECT_TRUE(sessions.next());
  EXPECT_EQ(sessions.successor(), nullptr);
}

TEST_F(Forked, AlsoWithoutACertificateIfClientsBeginWithTls) {
  ::setenv("SMTPS", "1", 1);
  ForkedSessions sessions(settings(), nullptr);
  EXPECT_TRUE(sessions.next());
  EXPECT_NE(sessions.successor(), nullptr);
}

TEST_F(Forked, ItsOwnTlsIsLoadedAsOftenAsFilesChange) {
  NotedTls tls;
  ForkedSessions sessions(settings(), &tls);
  control("servercert.pem", "");
  EXPECT_TRUE(sessions.next());
  EXPECT_EQ(sessions.successor(), nullptr);
  EXPECT_EQ(tls.loaded, "forget host.example:0 ");
  control("me", "other.example\n");
  EXPECT_TRUE(sessions.next());
  EXPECT_EQ(tls.loaded, "forget host.example:0 forget other.example:0 ");
}

}  // namespace
}  // namespace reqmail::smtpd
