// Programs of .qmail files, and forwards through a queue program of this test.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "local/forwarder.h"
#include "local/message_file.h"
#include "local/program_runner.h"
#include "sys/error.h"
#include "tests/unit/local/support.h"
#include "tests/unit/support/private_host.h"

namespace reqmail::local {
namespace {

const std::vector<std::string> kEnvironment = {"PATH=/usr/bin:/bin", "EXT=x"};

TEST(RunProgram, GetsTheMessageFromItsStart) {
  const TemporaryHome home;
  const sys::Fd file = message_with("a: b\n\nbody\n");
  MessageFile message(file.get());
  for (int times = 0; times < 2; ++times) {
    const auto outcome = run_program("cat >got; echo \"$EXT\" >>got", kEnvironment, message);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(*outcome, ProgramOutcome::done);
    EXPECT_EQ(content_of("got"), "a: b\n\nbody\nx\n");
  }
}

TEST(RunProgram, ExitCodesDecide) {
  const sys::Fd file = message_with("a: b\n");
  MessageFile message(file.get());
  EXPECT_EQ(*run_program("exit 99", kEnvironment, message), ProgramOutcome::skip_rest);
  const auto permanent = run_program("exit 100", kEnvironment, message);
  ASSERT_FALSE(permanent);
  EXPECT_EQ(permanent.error().permanence, Permanence::permanent);
  EXPECT_EQ(permanent.error().text, "");
  const auto temporary = run_program("exit 1", kEnvironment, message);
  ASSERT_FALSE(temporary);
  EXPECT_EQ(temporary.error().permanence, Permanence::temporary);
  EXPECT_EQ(temporary.error().text, "");
  const auto crashed = run_program("kill -9 $$", kEnvironment, message);
  ASSERT_FALSE(crashed);
  EXPECT_EQ(crashed.error().text, "Aack, child crashed. (#4.3.0)");
}

TEST(RunProgram, BrokenPipesEndPrograms) {
  const sys::Fd file = message_with("a: b\n");
  MessageFile message(file.get());
  // If the signal were ignored, yes would continue and print an error.
  EXPECT_EQ(*run_program("yes 2>&1 | head -n 1 >/dev/null", kEnvironment, message),
            ProgramOutcome::done);
}

// The queue program runs in qmail's home.
class Forwards : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!tests::enter_private_home()) {
      GTEST_SKIP() << "no private mounts here";
    }
    program_ = home_.path() + "/queue";
    queue("cd " + home_.path() + "; cat >message; cat <&1 >raw; tr '\\0' '|' <raw >envelope");
    ::setenv("QMAILQUEUE", program_.c_str(), 1);
  }

  void TearDown() override { ::unsetenv("QMAILQUEUE"); }

  void queue(const std::string& script) {
    put_file(program_, "#!/bin/sh\n" + script + "\n", 0700);
  }

  std::vector<std::string> environment() {
    return {"PATH=/usr/bin:/bin", "HOME=" + home_.path()};
  }

  TemporaryHome home_;
  std::string program_;
};

TEST_F(Forwards, MessageAndEnvelope) {
  const sys::Fd file = message_with("a: b\n\nbody\n");
  MessageFile message(file.get());
  const auto queued =
      forward_message(message, "Delivered-To: u@h\n", "s@a", {"x@b", "y@c"}, environment());
  ASSERT_TRUE(queued) << queued.error().text;
  EXPECT_GT(*queued, 0);
  EXPECT_EQ(content_of("message"), "Delivered-To: u@h\na: b\n\nbody\n");
  EXPECT_EQ(content_of("envelope"), "Fs@a|Tx@b|Ty@c||");
}

TEST_F(Forwards, RefusalsHaveTheirText) {
  queue("cat >/dev/null; exit 31");
  const sys::Fd file = message_with("a: b\n");
  MessageFile message(file.get());
  const auto refused = forward_message(message, "", "s@a", {"x@b"}, environment());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().permanence, Permanence::permanent);
  EXPECT_EQ(refused.error().text,
            "Unable to forward message: mail server permanently rejected message (#5.3.0).");
}

TEST_F(Forwards, ResentFromWhereTheDescriptorIs) {
  const sys::Fd file = message_with("a: b\n\nbody\n");
  ASSERT_EQ(::lseek(file.get(), 5, SEEK_SET), 5);
  const auto queued = resend_message(file.get(), "Delivered-To: u@h\n", "s@a", {"x@b"});
  ASSERT_TRUE(queued) << queued.error().text;
  EXPECT_EQ(content_of("message"), "Delivered-To: u@h\n\nbody\n");
  EXPECT_EQ(content_of("envelope"), "Fs@a|Tx@b||");
}

TEST_F(Forwards, ResendingSaysWhatWentWrong) {
  const auto unreadable = resend_message(-1, "", "s@a", {"x@b"});
  ASSERT_FALSE(unreadable);
  EXPECT_EQ(unreadable.error().text,
            "unable to read message: " + std::string(sys::error_text(EBADF)));
  queue("cat >/dev/null; exit 53");
  const sys::Fd file = message_with("a: b\n");
  ASSERT_EQ(::lseek(file.get(), 0, SEEK_SET), 0);
  const auto full = resend_message(file.get(), "", "s@a", {"x@b"});
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().text, "qq write error or disk full (#4.3.0)");
}

}  // namespace
}  // namespace reqmail::local
