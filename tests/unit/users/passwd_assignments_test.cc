// The files that qmail-pw2u reads and writes.
#include "users/passwd_assignments.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "sys/file.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::users {
namespace {

using testing::content_of;
using testing::put_file;
using testing::TemporaryHome;

class PasswdAssignments : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::mkdir("users", 0700), 0); }

  // Returns what is written for these accounts, or the reason of a failure.
  static std::string made_of(const std::string& passwd) {
    PasswdRules rules;
    rules.homes = HomeRule::ignore;
    rules.break_character = '-';
    rules.alias = "alias";
    put_file("passwd", passwd);
    const auto input = sys::open_read("passwd");
    const auto output = sys::open_truncated("assign", 0600);
    EXPECT_TRUE(input && output);
    const auto written =
        write_passwd_assignments(std::move(rules), input->get(), output->get());
    return written ? content_of("assign") : "failure: " + written.error().text;
  }

  TemporaryHome home_;
};

constexpr const char* kAlias = "alias:x:7:8::/a:/x\n";
constexpr const char* kAliasAssignments =
    "+:alias:7:8:/a:-::\n=alias:alias:7:8:/a:::\n+alias-:alias:7:8:/a:-::\n";

TEST_F(PasswdAssignments, AccountsAndTheFinalDot) {
  EXPECT_EQ(made_of(std::string("joe:x:10:11::/u:/x\n") + kAlias),
            std::string("=joe:joe:10:11:/u:::\n+joe-:joe:10:11:/u:-::\n") + kAliasAssignments +
                ".\n");
}

TEST_F(PasswdAssignments, TheLastLineNeedsNoEnd) {
  EXPECT_EQ(made_of("alias:x:7:8::/a:/x"), std::string(kAliasAssignments) + ".\n");
}

TEST_F(PasswdAssignments, NoAliasUser) {
  EXPECT_EQ(made_of("joe:x:10:11::/u:/x\n"), "failure: unable to find alias user");
}

TEST_F(PasswdAssignments, ListsLeaveOutAndRename) {
  put_file("users/exclude", "joe\n");
  EXPECT_EQ(made_of(std::string("joe:x:10:11::/u:/x\n") + kAlias),
            std::string(kAliasAssignments) + ".\n");
  put_file("users/exclude", "");
  put_file("users/mailnames", "joe:jo:joseph\n");
  EXPECT_EQ(made_of(std::string("joe:x:10:11::/u:/x\n") + kAlias),
            std::string("=jo:joe:10:11:/u:::\n+jo-:joe:10:11:/u:-::\n"
                        "=joseph:joe:10:11:/u:::\n+joseph-:joe:10:11:/u:-::\n") +
                kAliasAssignments + ".\n");
}

TEST_F(PasswdAssignments, SubusersAndWhatIsAppended) {
  put_file("users/subusers", "list:alias:lists:\n");
  put_file("users/append", "=x:y:1:2:/z:::\n");
  EXPECT_EQ(made_of(kAlias), std::string(kAliasAssignments) +
                                 "=list:alias:7:8:/a:-:lists:\n+list-:alias:7:8:/a:-:lists-:\n"
                                 "=x:y:1:2:/z:::\n.\n");
}

TEST_F(PasswdAssignments, ListThatCannotBeRead) {
  ASSERT_EQ(::mkdir("users/include", 0700), 0);
  EXPECT_EQ(made_of(kAlias), "failure: unable to read controls");
}

}  // namespace
}  // namespace reqmail::users
