// The common part of qmail-smtpd and qmail-smtpd-tls, from the home to the last reply, and the
// session log.
#include "smtpd/main.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "config.h"
#include "smtpd/log.h"
#include "sys/fd.h"
#include "sys/stream.h"
#include "tests/unit/support/child_report.h"
#include "tests/unit/support/private_host.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::smtpd {
namespace {

using tests::ChildReport;

// --- The program ---

class ServeSmtp : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!tests::enter_private_home()) {
      GTEST_SKIP() << "no private mounts here";
    }
    std::filesystem::create_directories(control());
    testing::put_file(control() + "/me", "mx.example\n");
  }

  void TearDown() override {
    std::filesystem::permissions(control(), std::filesystem::perms::owner_all);
    std::filesystem::remove_all(control());
  }

  static std::string control() { return std::string(config::kHome) + "/control"; }

  // Returns what the program writes to `fd` for a client that sends this, and how the program
  // ends.
  static ChildReport serve(const std::string& says, SmtpBegin begin = SmtpBegin::greeting,
                           int fd = 1) {
    auto input = sys::make_pipe();
    EXPECT_TRUE(input && sys::write_all(input->write.get(), says));
    input->write.close();
    return tests::report_of_child(fd, [&] {
      (void)::dup2(input->read.get(), 0);
      const MakeSmtpTls none = [](const SmtpdFiles&, const SmtpdEnvironment&) {
        return smtpd_tls_elsewhere({}, false);
      };
      ::_exit(serve_smtp({"qmail-smtpd"}, none, {begin, {}, {}}));
    });
  }
};

TEST_F(ServeSmtp, GreetsAndEndsAtQuit) {
  const ChildReport report = serve("HELO c\r\nQUIT\r\n");
  EXPECT_EQ(report.said, "220 mx.example ESMTP\r\n250 mx.example\r\n221 mx.example\r\n");
  EXPECT_EQ(report.end.code, 0);
}

TEST_F(ServeSmtp, AClientThatHangsUpIsNoSuccess) {
  const ChildReport report = serve("HELO c\r\n");
  EXPECT_EQ(report.said, "220 mx.example ESMTP\r\n250 mx.example\r\n");
  EXPECT_EQ(report.end.code, kSmtpdTrouble);
}

TEST_F(ServeSmtp, UnreadableControlFilesAreSaidInClearOnly) {
  std::filesystem::remove(control() + "/me");
  std::filesystem::create_directory(control() + "/me");
  const ChildReport clear = serve("QUIT\r\n");
  EXPECT_EQ(clear.said, "421 " + smtpd_controls_unreadable().text + "\r\n");
  EXPECT_EQ(clear.end.code, kSmtpdTrouble);
  const ChildReport handshake = serve("", SmtpBegin::tls);
  EXPECT_EQ(handshake.said, "");
  EXPECT_EQ(handshake.end.code, kSmtpdTrouble);
}

TEST_F(ServeSmtp, TheSessionLogIsOnStandardError) {
  testing::put_file(control() + "/smtpdlog", "qlog\n");
  testing::put_file(control() + "/rcpthosts", "h.example\n");
  const std::string says = "MAIL FROM:<s@h>\r\nRCPT TO:<r@x.example>\r\nQUIT\r\n";
  const ChildReport logged = serve(says, SmtpBegin::greeting, 2);
  EXPECT_NE(logged.said.find("rcpthosts"), std::string::npos) << logged.said;
  std::filesystem::remove(control() + "/smtpdlog");
  EXPECT_EQ(serve(says, SmtpBegin::greeting, 2).said, "");
}

TEST(SmtpdSignals, BrokenConnectionsAreErrorsAndChildrenAreCounted) {
  const auto end = tests::in_child([] {
    (void)::signal(SIGCHLD, SIG_IGN);
    set_smtpd_signals();
    struct sigaction pipe = {};
    struct sigaction child = {};
    (void)::sigaction(SIGPIPE, nullptr, &pipe);
    (void)::sigaction(SIGCHLD, nullptr, &child);
    ::_exit(pipe.sa_handler == SIG_IGN && child.sa_handler == SIG_DFL ? 0 : 1);
  });
  EXPECT_TRUE(end.success());
}

// --- The log ---

class SmtpdLogTest : public ::testing::Test {
 protected:
  SmtpdLogTest() {
    proto::SmtpServerSettings settings;
    settings.greeting = "mx.example";
    server_.emplace(std::move(settings));
    ends_.remote_ip = "192.0.2.9";
  }

  // Returns what is written for a step with this event.
  std::string written(bool wanted, const std::optional<proto::SmtpEvent>& event) {
    const SmtpdLog log(wanted, ends_);
    EXPECT_EQ(log.wanted(), wanted);
    return tests::report_of_child(2,
                                  [&] {
                                    proto::SmtpStep step;
                                    step.reply = "553 no (#5.7.1)\r\n";
                                    step.event = event;
                                    log.write(*server_, step);
                                  })
        .said;
  }

  std::optional<proto::SmtpServer> server_;
  proto::SmtpLogEnds ends_;
};

TEST_F(SmtpdLogTest, OneLineForAnEvent) {
  const std::string line = written(true, proto::SmtpEvent{"rcpthosts"});
  EXPECT_NE(line.find("192.0.2.9"), std::string::npos) << line;
  EXPECT_NE(line.find("rcpthosts"), std::string::npos);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST_F(SmtpdLogTest, NoEventNoLine) {
  EXPECT_EQ(written(true, std::nullopt), "");
}

TEST_F(SmtpdLogTest, OffItWritesNothing) {
  EXPECT_EQ(written(false, proto::SmtpEvent{"rcpthosts"}), "");
}

}  // namespace
}  // namespace reqmail::smtpd
