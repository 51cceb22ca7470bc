// The user who gets mail: users/cdb, accounts, and the answers of a helper.
#include "users/user_lookup.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sys/cdb.h"
#include "sys/file.h"

namespace reqmail::users {
namespace {

using namespace std::string_literals;

std::string show(const std::optional<User>& user) {
  if (!user) {
    return "none";
  }
  std::string text = format_user(*user);
  for (char& c : text) {
    c = c == '\0' ? '|' : c;
  }
  return text;
}

std::string parsed(std::string fields) {
  for (char& c : fields) {
    c = c == '|' ? '\0' : c;
  }
  return show(parse_user(fields));
}

TEST(ParseUser, SixFields) {
  EXPECT_EQ(parsed("u|7001|7002|/home/u|-|ext|"), "u|7001|7002|/home/u|-|ext|");
  EXPECT_EQ(parsed("|1|1||||"), "|1|1||||");
  EXPECT_EQ(parsed("u|1|1|/|||more|and|more"), "u|1|1|/|||");
}

TEST(ParseUser, MissingFields) {
  for (const char* fields : {"", "u", "u|", "u|1|1|/||", "u|1|1|/||ext"}) {
    EXPECT_EQ(parsed(fields), "none") << fields;
  }
}

TEST(ParseUser, IdsThatAreNoneBecomeRootAndNobodyElse) {
  for (const char* uid :
       {"", "x", "-1", "4294967295", "4294967296", "99999999999999999999", "0"}) {
    EXPECT_EQ(parsed("u|"s + uid + "|1|/|||"), "u|0|1|/|||") << uid;
  }
  EXPECT_EQ(parsed("u|4294967294|4294967294|/|||"), "u|4294967294|4294967294|/|||");
  // There is no safe default for a group.
  for (const char* gid : {"", "x", "4294967295", "99999999999999999999"}) {
    EXPECT_EQ(parsed("u|1|"s + gid + "|/|||"), "none") << gid;
  }
}

class AssignmentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/lookup-test-XXXXXX";
    const sys::Fd file(::mkstemp(name));
    ASSERT_TRUE(file.valid());
    path_ = name;
    auto writer = sys::CdbWriter::start(file.get());
    ASSERT_TRUE(writer);
    const std::vector<std::pair<std::string, std::string>> records = {
        {"!joe\0"s, "joe"},  {"!joe-", "wild-"}, {"!joe-list-", "list-"}, {"!x", "ends-in-x-"},
        {"!", "everybody-"}, {"!ab", "never-"},  {"!joe\0"s, "second"},   {"", "-x"},
    };
    for (const auto& [key, value] : records) {
      ASSERT_TRUE(writer->add(key, value));
    }
    ASSERT_TRUE(writer->finish());
  }

  void TearDown() override { (void)::unlink(path_.c_str()); }

  std::string find(std::string_view local_part) {
    auto found = Assignments(path_).find(local_part);
    if (!found) {
      return "trouble";
    }
    if (!*found) {
      return "none";
    }
    EXPECT_EQ((*found)->back(), '\0');
    return (*found)->substr(0, (*found)->size() - 1);
  }

  std::string path_;
};

TEST_F(AssignmentTest, SimpleThenLongestPrefix) {
  EXPECT_EQ(find("joe"), "joe");
  EXPECT_EQ(find("JOE"), "joe");
  EXPECT_EQ(find("joe-"), "wild-");
  EXPECT_EQ(find("Joe-A.b"), "wild-A.b");
  EXPECT_EQ(find("joe-list-Q-r"), "list-Q-r");
  EXPECT_EQ(find("joe-list"), "wild-list");
  EXPECT_EQ(find("Xy"), "ends-in-x-y");
  EXPECT_EQ(find("joey"), "everybody-joey");
  // No wildcard assignment ends in b, so none is looked up.
  EXPECT_EQ(find("abc"), "everybody-abc");
}

TEST_F(AssignmentTest, NoFileAssignsNothing) {
  path_ += ".none";
  EXPECT_EQ(find("joe"), "none");
}

TEST_F(AssignmentTest, AnOpenFileIsUsedUntilItIsAnotherOne) {
  Assignments assignments(path_);
  EXPECT_EQ(**assignments.find("joe"), "joe\0"s);
  const std::string moved = path_ + ".moved";
  ASSERT_EQ(::rename(path_.c_str(), moved.c_str()), 0);
  EXPECT_FALSE(*assignments.find("joe"));
  const sys::Fd file = *sys::open_truncated(path_, 0600);
  auto writer = sys::CdbWriter::start(file.get());
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->add("!joe\0"s, "another"));
  ASSERT_TRUE(writer->add("", ""));
  ASSERT_TRUE(writer->finish());
  EXPECT_EQ(**assignments.find("joe"), "another\0"s);
  ASSERT_EQ(::truncate(path_.c_str(), 0), 0);
  EXPECT_FALSE(assignments.find("joe"));
  ASSERT_EQ(::rename(moved.c_str(), path_.c_str()), 0);
  EXPECT_EQ(**assignments.find("joe"), "joe\0"s);
  EXPECT_EQ(**assignments.find("joe-x"), "wild-x\0"s);
}

TEST_F(AssignmentTest, DamageIsTrouble) {
  ASSERT_EQ(::truncate(path_.c_str(), 2050), 0);
  EXPECT_EQ(find("joe"), "trouble");
  ASSERT_EQ(::truncate(path_.c_str(), 0), 0);
  EXPECT_EQ(find("joe"), "trouble");
  // All tables are empty: even the record that every users/cdb has is missing.
  ASSERT_EQ(::truncate(path_.c_str(), 2048), 0);
  EXPECT_EQ(find("joe"), "trouble");
}

class FakeAccounts : public Accounts {
 public:
  Result<std::optional<Account>> find(const std::string& name) override {
    asked.push_back(name);
    if (name == unreachable) {
      return temporary("no directory server", EIO);
    }
    const auto found = accounts.find(name);
    return found == accounts.end() ? std::optional<Account>() : found->second;
  }

  Result<std::optional<uid_t>> owner(const std::string& path) override {
    if (path == "/nfs") {
      return temporary("timed out", ETIMEDOUT);
    }
    const auto found = owners.find(path);
    return found == owners.end() ? std::optional<uid_t>() : found->second;
  }

  void add(const std::string& name, uid_t uid, const std::string& home) {
    accounts[name] = Account{name, uid, uid + 1, home};
    owners[home] = uid;
  }

  std::map<std::string, Account> accounts;
  std::map<std::string, uid_t> owners;
  std::vector<std::string> asked;
  std::string unreachable = "?";
};

class AccountTest : public ::testing::Test {
 protected:
  void SetUp() override {
    accounts_.add("alias", 1, "/alias");
    accounts_.add("joe", 10, "/joe");
    accounts_.add("list-mgr", 20, "/list");
    accounts_.add("root", 0, "/root");
    accounts_.add("evil", 30, "/evil");
    accounts_.owners["/evil"] = 0;
    accounts_.add("ghost", 40, "/ghost");
    accounts_.owners.erase("/ghost");
    accounts_.add("nfs", 50, "/nfs");
  }

  std::string find(std::string_view local_part) {
    const auto found = find_account(accounts_, local_part, '-', "alias");
    if (const auto* user = std::get_if<User>(&found)) {
      return show(*user);
    }
    switch (*std::get_if<LookupTrouble>(&found)) {
    case LookupTrouble::no_alias:
      return "no alias";
    case LookupTrouble::home:
      return "home";
    case LookupTrouble::accounts:
      return "accounts";
    }
    return "?";
  }

  FakeAccounts accounts_;
};

TEST_F(AccountTest, LongestAccountAndItsExtension) {
  EXPECT_EQ(find("joe"), "joe|10|11|/joe|||");
  EXPECT_EQ(find("JOE"), "joe|10|11|/joe|||");
  EXPECT_EQ(find("Joe-A-b"), "joe|10|11|/joe|-|A-b|");
  EXPECT_EQ(find("joe-"), "joe|10|11|/joe|-||");
  EXPECT_EQ(find("list-mgr-x"), "list-mgr|20|21|/list|-|x|");
  EXPECT_EQ(find("alias-x"), "alias|1|2|/alias|-|x|");
}

TEST_F(AccountTest, EverythingElseIsForAlias) {
  for (const char* local : {"", "-", "-joe", "joey", "list-x", "root", "root-x", "evil",
                            "ghost-x", "joe+x", "zorro-A"}) {
    EXPECT_EQ(find(local), "alias|1|2|/alias|-|"s + local + "|");
  }
}

TEST_F(AccountTest, NamesTooLongAreNotLookedFor) {
  const std::string longest(kAccountNameLimit - 1, 'a');
  accounts_.add(longest, 60, "/long");
  accounts_.add(longest + "b", 61, "/longer");
  EXPECT_EQ(find(longest + "-x"), longest + "|60|61|/long|-|x|");
  EXPECT_EQ(find(longest + "b"), "alias|1|2|/alias|-|" + longest + "b|");
  accounts_.asked.clear();
  EXPECT_EQ(find(std::string(5000, '-')), "alias|1|2|/alias|-|" + std::string(5000, '-') + "|");
  EXPECT_LT(accounts_.asked.size(), kAccountNameLimit + 1);
}

TEST_F(AccountTest, TroubleIsNotAbsence) {
  EXPECT_EQ(find("nfs-x"), "home");
  accounts_.unreachable = "joe";
  EXPECT_EQ(find("joe-x"), "accounts");
  accounts_.unreachable = "alias";
  EXPECT_EQ(find("zorro"), "accounts");
  accounts_.unreachable = "?";
  accounts_.accounts.erase("alias");
  EXPECT_EQ(find("zorro"), "no alias");
  EXPECT_EQ(find("joe"), "joe|10|11|/joe|||");
}

}  // namespace
}  // namespace reqmail::users
