// The queue program that is run, its pipes, and its environment.
#include "submit/queue_program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "mail/verdict_codec.h"
#include "submit/program_talk.h"
#include "sys/stream.h"
#include "tests/unit/support/private_host.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::submit {
namespace {

class QueueProgramTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!tests::enter_private_home()) {
      GTEST_SKIP() << "no private mounts here";
    }
  }

  void TearDown() override { ::unsetenv("QMAILQUEUE"); }

  // Installs a script in place of qmail-queue.
  void use(const std::string& script) {
    testing::put_file("queue", "#!/bin/sh\n" + script + "\n", 0700);
    ::setenv("QMAILQUEUE", (home_.path() + "/queue").c_str(), 1);
  }

  // Returns what the program has written when it has ended with this code.
  static std::string words(QueueProgram& program, int code = 0) {
    program.message.close();
    program.envelope.close();
    ProgramTalk talk(std::move(program.words));
    const auto end = talk.wait_for(program.child);
    EXPECT_EQ(end ? end->code : -1, code);
    return talk.words();
  }

  testing::TemporaryHome home_;
};

TEST_F(QueueProgramTest, ReadsTheMessageOn0AndTheEnvelopeOn1) {
  use("exec 3<&1; message=$(cat); envelope=$(cat <&3); echo \"$message, $envelope\" >&4");
  auto program = start_queue_program();
  ASSERT_TRUE(program);
  EXPECT_TRUE(sys::write_all(program->message.get(), "the message"));
  program->message.close();
  EXPECT_TRUE(sys::write_all(program->envelope.get(), "the envelope"));
  program->envelope.close();
  EXPECT_EQ(words(*program), "the message, the envelope\n");
}

TEST_F(QueueProgramTest, SpeaksOnDescriptors4And6) {
  use("echo four >&4; echo six >&6; exit 82");
  auto program = start_queue_program();
  ASSERT_TRUE(program);
  EXPECT_EQ(words(*program, 82), "four\nsix\n");
}

TEST_F(QueueProgramTest, HasTheEnvironmentThatItIsGiven) {
  use("echo \"$REQMAIL_TEST ${QMAILQUEUE+chosen}\" >&4");
  ::setenv("REQMAIL_TEST", "ours", 1);
  auto inherits = start_queue_program();
  ASSERT_TRUE(inherits);
  EXPECT_EQ(words(*inherits), "ours chosen\n");
  auto given = start_queue_program(std::vector<std::string>{"REQMAIL_TEST=theirs"});
  ASSERT_TRUE(given);
  EXPECT_EQ(words(*given), "theirs \n");
  ::unsetenv("REQMAIL_TEST");
}

TEST_F(QueueProgramTest, OneThatCannotBeRunHasItsExitCode) {
  for (const char* chosen : {"/nonexistent/queue", "", "no-such-program-in-the-home"}) {
    ::setenv("QMAILQUEUE", chosen, 1);
    auto program = start_queue_program();
    ASSERT_TRUE(program) << chosen;
    EXPECT_EQ(words(*program, mail::queue_exit::kNotExecuted), "") << chosen;
  }
}

// A program of that name in PATH is not used.
TEST_F(QueueProgramTest, IsNotLookedUpInPath) {
  ::setenv("QMAILQUEUE", "true", 1);
  auto program = start_queue_program();
  ASSERT_TRUE(program);
  EXPECT_EQ(words(*program, mail::queue_exit::kNotExecuted), "");
}

TEST_F(QueueProgramTest, NeitherEndBlocksNorEndsTheCaller) {
  use("exit 0");
  auto program = start_queue_program();
  ASSERT_TRUE(program);
  EXPECT_NE(::fcntl(program->message.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(program->envelope.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(program->words.get(), F_GETFL) & O_NONBLOCK, 0);
  // Without a reader, a write fails with EPIPE and sends no signal.
  (void)program->child.wait();
  EXPECT_FALSE(sys::write_all(program->message.get(), "x"));
}

}  // namespace
}  // namespace reqmail::submit
