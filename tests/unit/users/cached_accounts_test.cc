// Cached accounts: when the file is read, and when the system is asked.
#include "users/cached_accounts.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>
#include <string>
#include <vector>

#include "tests/unit/support/temporary_home.h"

namespace reqmail::users {
namespace {

using testing::put_file;

TEST(NamesFilesAlone, OnlyWhereNothingElseIsNamed) {
  EXPECT_TRUE(names_files_alone("passwd: files\n"));
  EXPECT_TRUE(
      names_files_alone("# x\ngroup: files ldap\n  passwd:\t files  # all\nhosts: dns\n"));
  for (const char* text : {"", "passwd:\n", "passwd: files systemd\n", "passwd: compat\n",
                           "passwd: files [NOTFOUND=return]\n", "#passwd: files\n",
                           "passwd: files\npasswd: files ldap\n", "group: files\n"}) {
    EXPECT_FALSE(names_files_alone(text)) << text;
  }
}

class System : public Accounts {
 public:
  Result<std::optional<Account>> find(const std::string& name) override {
    asked.push_back(name);
    return std::optional<Account>(Account{name, 99, 99, "/by-the-system"});
  }

  Result<std::optional<uid_t>> owner(const std::string& path) override {
    asked.push_back(path);
    return std::optional<uid_t>(99);
  }

  std::vector<std::string> asked;
};

class CachedAccountsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    put("services", "passwd: files\n");
    put("passwd", "root:x:0:0:root:/root:/bin/sh\njoe:x:10:11:Joe:/joe:/bin/sh\n");
  }

  // Writes a file with old times.
  static void put(const std::string& name, const std::string& text) {
    put_file(name, text);
    const struct timespec times[2] = {{1000000, age}, {1000000, age}};
    ++age;
    ASSERT_EQ(::utimensat(AT_FDCWD, name.c_str(), times, 0), 0);
  }

  std::string home_of(const std::string& name) {
    const auto account = *accounts_.find(name);
    return account ? account->home : "none";
  }

  static inline long age = 0;
  testing::TemporaryHome home_;
  System system_;
  CachedAccounts accounts_{system_, {"passwd", "services"}};
};

TEST_F(CachedAccountsTest, AccountsOfTheFile) {
  const auto joe = *accounts_.find("joe");
  ASSERT_TRUE(joe);
  EXPECT_EQ(joe->name, "joe");
  EXPECT_EQ(joe->uid, 10U);
  EXPECT_EQ(joe->gid, 11U);
  EXPECT_EQ(joe->home, "/joe");
  EXPECT_EQ((*accounts_.find("root"))->uid, 0U);
  EXPECT_EQ(home_of("jo"), "none");
  EXPECT_EQ(home_of(""), "none");
  EXPECT_TRUE(system_.asked.empty());
  EXPECT_EQ(**accounts_.owner("/joe"), 99U);
}

TEST_F(CachedAccountsTest, AChangeCountsAtOnce) {
  EXPECT_EQ(home_of("joe"), "/joe");
  put("passwd", "joe:x:10:11:Joe:/new:/bin/sh\njoe:x:12:11:Joe:/second:/bin/sh\n");
  EXPECT_EQ(home_of("joe"), "/new");
  put("passwd", "");
  EXPECT_EQ(home_of("joe"), "none");
  // Both files have the same time and size, so a file that was just written must be read again.
  put_file("passwd", "joe:x:10:11:Joe:/one:/bin/sh\n");
  EXPECT_EQ(home_of("joe"), "/one");
  put_file("passwd", "joe:x:10:11:Joe:/two:/bin/sh\n");
  EXPECT_EQ(home_of("joe"), "/two");
}

TEST_F(CachedAccountsTest, OtherServicesAreTheSystems) {
  put("services", "passwd: files ldap\n");
  EXPECT_EQ(home_of("joe"), "/by-the-system");
  put("services", "passwd: files\n");
  EXPECT_EQ(home_of("joe"), "/joe");
  ASSERT_EQ(::remove("services"), 0);
  EXPECT_EQ(home_of("joe"), "/by-the-system");
}

TEST_F(CachedAccountsTest, LinesThatAreNotPlainAreTheSystems) {
  const std::string joe = "joe:x:10:11:Joe:/joe:/bin/sh\n";
  for (const char* line :
       {"+::::::\n", "-bob\n", "+@group\n", " bob:x:1:1:::\n", "bob:x:1:1:\n",
        "bob:x:-1:1:::\n", "bob:x::1:::\n", "bob:x:1:4294967295:::\n", ":x:1:1:::\n",
        "bob:x:1:1::::\n", "bob\n"}) {
    put("passwd", joe + line);
    EXPECT_EQ(home_of("joe"), "/by-the-system") << line;
  }
  put("passwd", joe + std::string("\0\n", 2));
  EXPECT_EQ(home_of("joe"), "/by-the-system");
  put("passwd", joe + "\n# a comment\nbob:x:1:1:::");
  EXPECT_EQ(home_of("joe"), "/joe");
  EXPECT_EQ(home_of("bob"), "");
  ASSERT_EQ(::remove("passwd"), 0);
  EXPECT_EQ(home_of("joe"), "/by-the-system");
}

}  // namespace
}  // namespace reqmail::users
