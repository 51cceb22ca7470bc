// Accounts through NSS, accounts that a daemon needs, rewinding of inputs, and terminals.
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "sys/child.h"
#include "sys/fd.h"
#include "sys/need_account.h"
#include "sys/passwd.h"
#include "sys/rewind.h"
#include "sys/stream.h"
#include "sys/terminal.h"
#include "tests/unit/support/child_report.h"

namespace reqmail::sys {
namespace {

using tests::in_child;

TEST(Passwd, EntryOfRoot) {
  const auto entry = find_passwd_entry("root");
  ASSERT_TRUE(entry && *entry);
  EXPECT_EQ((*entry)->name, "root");
  EXPECT_EQ((*entry)->uid, 0U);
  EXPECT_EQ((*entry)->home, ::getpwnam("root")->pw_dir);
}

TEST(Passwd, NoSuchAccountIsNoFailure) {
  for (const char* name : {"no-such-account-here", "", "a:b"}) {
    const auto entry = find_passwd_entry(name);
    ASSERT_TRUE(entry) << name;
    EXPECT_FALSE(*entry) << name;
  }
}

TEST(Passwd, BecomesAnAccountWithItsGroups) {
  if (::getuid() != 0) {
    GTEST_SKIP() << "needs root";
  }
  const auto entry = find_passwd_entry("daemon");
  if (!entry || !*entry) {
    GTEST_SKIP() << "no account daemon";
  }
  const base::ProgramEnd end = in_child([&entry] {
    const bool done =
        become_account((*entry)->name, Identity{(*entry)->uid, (*entry)->gid}).has_value();
    ::_exit(done && ::getuid() == (*entry)->uid && ::getgid() == (*entry)->gid &&
                    ::setuid(0) != 0
                ? 0
                : 1);
  });
  EXPECT_TRUE(end.success());
}

// Whether an account is missing depends on the host, so both results are tested.
TEST(NeedAccount, GivesItOrNamesWhatIsMissing) {
  const auto uid = account_uid(Account::qmailq);
  const auto [end, said] = tests::report_of_child(2, [&uid] {
    const uid_t needed = need_uid("qmail-x", Account::qmailq);
    ::_exit(uid && needed == *uid ? 0 : 1);
  });
  if (uid) {
    EXPECT_EQ(end.code, 0);
    EXPECT_EQ(said, "");
  } else {
    EXPECT_EQ(end.code, 111);
    EXPECT_EQ(said, "qmail-x: fatal: unable to find account qmailq\n");
  }
}

TEST(RewindInput, BackToItsStart) {
  char name[] = "/tmp/reqmail-rewind-XXXXXX";
  const Fd file(::mkstemp(name));
  ASSERT_TRUE(file.valid());
  ::unlink(name);
  ASSERT_TRUE(write_all(file.get(), "text"));
  ASSERT_TRUE(rewind_input(file.get()));
  EXPECT_EQ(*read_all(file.get(), 10), "text");
}

TEST(RewindInput, PipesAndMissingOnesCannot) {
  const auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  EXPECT_EQ(rewind_input(pipe->read.get()).error().error, ESPIPE);
  EXPECT_EQ(rewind_input(-1).error().error, EBADF);
  const Fd filled(::open("/dev/null", O_WRONLY));
  EXPECT_EQ(rewind_input(filled.get()).error().error, EBADF);
  const Fd null(::open("/dev/null", O_RDONLY));
  EXPECT_TRUE(rewind_input(null.get()));
}

// A terminal, and the other side of it, where a person would be.
class Terminal : public ::testing::Test {
 protected:
  void SetUp() override {
    person_ = Fd(::posix_openpt(O_RDWR | O_NOCTTY));
    if (!person_.valid() || ::grantpt(person_.get()) != 0 || ::unlockpt(person_.get()) != 0) {
      GTEST_SKIP() << "no terminals here";
    }
    name_ = ::ptsname(person_.get());
    line_ = Fd(::open(name_.c_str(), O_RDWR | O_NOCTTY));
    ASSERT_TRUE(line_.valid());
  }

  Fd person_;
  Fd line_;
  std::string name_;
};

TEST_F(Terminal, IsToldFromOtherFiles) {
  EXPECT_TRUE(is_terminal(line_.get()));
  const Fd null(::open("/dev/null", O_RDWR));
  EXPECT_FALSE(is_terminal(null.get()));
}

TEST_F(Terminal, HiddenLineIsReadWithoutEcho) {
  ASSERT_TRUE(write_all(person_.get(), "secret\n"));
  // What was typed before the question is discarded, so the child types it again and again.
  const pid_t typist = ::fork();
  if (typist == 0) {
    for (;;) {
      ::usleep(50000);
      (void)write_all(person_.get(), "secret\n");
    }
  }
  const Child child(typist);
  const base::ProgramEnd end = in_child([this] {
    const auto line = ask_hidden(line_.get(), "", 100);
    ::_exit(line && *line == "secret" ? 0 : 1);
  });
  EXPECT_TRUE(end.success());
  termios after = {};
  ASSERT_EQ(::tcgetattr(line_.get(), &after), 0);
  EXPECT_NE(after.c_lflag & static_cast<tcflag_t>(ECHO), 0U);
}

TEST_F(Terminal, OpensALineToWriteTo) {
  const auto line = open_terminal_line(name_);
  ASSERT_TRUE(line);
  const int flags = ::fcntl(line->get(), F_GETFL);
  EXPECT_NE(flags & O_NONBLOCK, 0);
  EXPECT_NE(flags & O_APPEND, 0);
  EXPECT_EQ(::fcntl(line->get(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(open_terminal_line("/dev/no-such-line").error().error, ENOENT);
}

}  // namespace
}  // namespace reqmail::sys
