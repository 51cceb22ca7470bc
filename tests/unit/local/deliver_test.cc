// Complete deliveries in a child process: exit code, report, and reason of failures.

#include "local/deliver.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "local/request.h"
#include "sys/file.h"
#include "tests/unit/local/support.h"

namespace reqmail::local {
namespace {

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

Request request(const TemporaryHome& home) {
  Request made;
  made.user = "u";
  made.home = home.path();
  made.local = "u";
  made.host = "h.example";
  made.sender = "s@a.example";
  made.default_instructions = "./Mailbox";
  return made;
}

Outcome deliver_it(const Request& request, const std::string& content = "x: y\n\nbody\n") {
  const sys::Fd message = message_with(content);
  const sys::Fd out = message_with("");
  const sys::Fd err = message_with("");
  const pid_t child = ::fork();
  if (child == 0) {
    (void)::dup2(message.get(), 0);
    (void)::dup2(out.get(), 1);
    (void)::dup2(err.get(), 2);
    ::_exit(deliver(request));
  }
  int status = 0;
  (void)::waitpid(child, &status, 0);
  Outcome outcome;
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  const std::string self = "/proc/self/fd/";
  outcome.out = content_of(self + std::to_string(out.get()));
  outcome.err = content_of(self + std::to_string(err.get()));
  return outcome;
}

TEST(Deliver, DefaultInstructions) {
  const TemporaryHome home;
  const Outcome outcome = deliver_it(request(home));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "did 1+0+0\n");
  EXPECT_NE(content_of("Mailbox").find("Delivered-To: u@h.example\nx: y\n"), std::string::npos);
}

TEST(Deliver, ProgramsInTurnWithTheMessage) {
  const TemporaryHome home;
  put_file(".qmail", "|cat\n|tail -n 1; echo \"$SENDER $LOCAL@$HOST\"\n");
  const Outcome outcome = deliver_it(request(home));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "x: y\n\nbody\nbody\ns@a.example u@h.example\ndid 0+0+2\n");
}

TEST(Deliver, ExitCodesOfPrograms) {
  const TemporaryHome home;
  put_file(".qmail", "|exit 99\n./never\n");
  EXPECT_EQ(deliver_it(request(home)).out, "did 0+0+1\n");
  EXPECT_EQ(content_of("never"), "<none>");
  put_file(".qmail", "|exit 100\n./never\n");
  EXPECT_EQ(deliver_it(request(home)).code, 100);
  put_file(".qmail", "|exit 1\n./never\n");
  EXPECT_EQ(deliver_it(request(home)).code, 111);
  put_file(".qmail", "|kill -9 $$\n./never\n");
  const Outcome crashed = deliver_it(request(home));
  EXPECT_EQ(crashed.code, 111);
  EXPECT_EQ(crashed.err, "Aack, child crashed. (#4.3.0)\n");
  EXPECT_EQ(content_of("never"), "<none>");
}

TEST(Deliver, CommandTooLongForTheSystem) {
  const TemporaryHome home;
  put_file(".qmail", "|: " + std::string(200000, 'x') + "\n");
  const Outcome outcome = deliver_it(request(home));
  EXPECT_EQ(outcome.code, 111);
  EXPECT_EQ(outcome.err, "Unable to run /bin/sh: argument list too long. (#4.3.0)\n");
}

TEST(Deliver, NoMailbox) {
  const TemporaryHome home;
  Request made = request(home);
  made.dash = "-";
  made.ext = "x";
  const Outcome outcome = deliver_it(made);
  EXPECT_EQ(outcome.code, 100);
  EXPECT_EQ(outcome.err, "Sorry, no mailbox here by that name. (#5.1.1)\n");
}

TEST(Deliver, HomeBeingEdited) {
  const TemporaryHome home;
  ASSERT_EQ(::chmod(".", 01700), 0);
  const Outcome outcome = deliver_it(request(home));
  EXPECT_EQ(outcome.code, 111);
  EXPECT_EQ(outcome.err,
            "Home directory is sticky: user is editing his .qmail file. (#4.2.1)\n");
  Request described = request(home);
  described.describe = true;
  EXPECT_EQ(deliver_it(described).err, "Warning: home directory is sticky.\n");
}

TEST(Deliver, OwnerChangesTheSenderButNotOfBounces) {
  const TemporaryHome home;
  put_file(".qmail", "|echo \"<$NEWSENDER>\"\n");
  put_file(".qmail-owner", "");
  Request made = request(home);
  EXPECT_EQ(deliver_it(made).out, "<u-owner@h.example>\ndid 0+0+1\n");
  put_file(".qmail-owner-default", "");
  EXPECT_EQ(deliver_it(made).out, "<u-owner-@h.example-@[]>\ndid 0+0+1\n");
  for (const char* sender : {"", "#@[]"}) {
    made.sender = sender;
    EXPECT_EQ(deliver_it(made).out, "<" + std::string(sender) + ">\ndid 0+0+1\n");
  }
}

TEST(Deliver, LoopIsFoundBeforeTheMailboxIsMissed) {
  const TemporaryHome home;
  Request made = request(home);
  made.dash = "-";
  made.ext = "x";
  const Outcome outcome = deliver_it(made, "Delivered-To: u@h.example\n\n");
  EXPECT_EQ(outcome.code, 100);
  EXPECT_EQ(outcome.err,
            "This message is looping: it already has my Delivered-To line. (#5.4.6)\n");
}

TEST(Deliver, ExecutableDotQmailForwardsOnly) {
  const TemporaryHome home;
  put_file(".qmail", "./box\n", 0700);
  EXPECT_EQ(deliver_it(request(home)).err,
            "Uh-oh: .qmail has file delivery but has x bit set. (#4.7.0)\n");
  put_file(".qmail", "+list\n|true\n");
  EXPECT_EQ(deliver_it(request(home)).err,
            "Uh-oh: .qmail has prog delivery but has x bit set. (#4.7.0)\n");
}

TEST(Deliver, DirectoryIsNoDotQmail) {
  const TemporaryHome home;
  ASSERT_EQ(::mkdir(".qmail-x", 0700), 0);
  put_file(".qmail-default", "|echo default \"$DEFAULT\"\n");
  Request made = request(home);
  made.dash = "-";
  made.ext = "X";
  EXPECT_EQ(deliver_it(made).out, "default X\ndid 0+0+1\n");
}

}  // namespace
}  // namespace reqmail::local
