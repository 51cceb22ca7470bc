// Assignments for the accounts of a passwd file.
#include "users/assign_from_passwd.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <string>

namespace reqmail::users {
namespace {

class PasswdTest : public ::testing::Test {
 protected:
  void SetUp() override {
    rules_.break_character = '-';
    rules_.alias = "alias";
    owners_ = {{"/a", 1}, {"/u", 10}, {"/other", 11}};
  }

  AssignmentsFromPasswd maker() {
    return AssignmentsFromPasswd(rules_, [this](const std::string& path) {
      if (path == "/trouble") {
        return Result<std::optional<uid_t>>(temporary("timed out", ETIMEDOUT));
      }
      const auto found = owners_.find(path);
      return Result<std::optional<uid_t>>(found == owners_.end() ? std::optional<uid_t>()
                                                                 : found->second);
    });
  }

  std::string account(const std::string& line) {
    auto it = maker();
    auto text = it.account(line);
    return text ? *text : "failure: " + text.error().text;
  }

  PasswdRules rules_;
  std::map<std::string, uid_t> owners_;
};

constexpr const char* kUser = "u:x:10:20:c:/u:/bin/sh";

TEST_F(PasswdTest, OneAccount) {
  EXPECT_EQ(account(kUser), "=u:u:10:20:/u:::\n+u-:u:10:20:/u:-::\n");
  EXPECT_EQ(account("u:x:10:20:c:/u:"), "=u:u:10:20:/u:::\n+u-:u:10:20:/u:-::\n");
}

TEST_F(PasswdTest, LinesThatAreNoAccounts) {
  using namespace std::string_literals;
  for (const std::string& line :
       {""s, "u"s, "u:x:10:20:c:/u"s, "root:x:0:0::/u:/bin/sh"s, "u:x::20:c:/u:/bin/sh"s,
        "u:x:none:20:c:/u:/bin/sh"s, "+::::::"s, "u:x:10:20:\0:/u:/bin/sh"s}) {
    EXPECT_EQ(account(line), "") << line;
  }
}

TEST_F(PasswdTest, Alias) {
  auto it = maker();
  EXPECT_FALSE(it.has_alias());
  EXPECT_EQ(*it.account("alias:x:1:2::/a:/x"),
            "+:alias:1:2:/a:-::\n=alias:alias:1:2:/a:::\n+alias-:alias:1:2:/a:-::\n");
  EXPECT_TRUE(it.has_alias());
}

TEST_F(PasswdTest, AliasThatIsLeftOutIsNone) {
  rules_.exclude = base::ConstMap::of_keys({"alias"});
  auto it = maker();
  EXPECT_EQ(*it.account("alias:x:1:2::/a:/x"), "");
  EXPECT_FALSE(it.has_alias());
}

TEST_F(PasswdTest, BreakCharacterAndDash) {
  rules_.dash = "-/";
  rules_.break_character = '+';
  EXPECT_EQ(account(kUser), "=u:u:10:20:/u:::\n+u+:u:10:20:/u:-/::\n");
  rules_.break_character.reset();
  EXPECT_EQ(account(kUser), "=u:u:10:20:/u:::\n");
}

TEST_F(PasswdTest, Homes) {
  const std::string missing = "u:x:10:20::/none:/x";
  const std::string others = "u:x:10:20::/other:/x";
  const std::string trouble = "u:x:10:20::/trouble:/x";
  EXPECT_EQ(account(missing), "");
  EXPECT_EQ(account(others), "");
  EXPECT_EQ(account(trouble), "failure: unable to stat /trouble");
  rules_.homes = HomeRule::stop;
  EXPECT_EQ(account(missing), "failure: unable to stat /none");
  EXPECT_EQ(account(others), "");
  EXPECT_EQ(account(trouble), "failure: unable to stat /trouble");
  rules_.homes = HomeRule::ignore;
  for (const std::string& line : {missing, others, trouble}) {
    EXPECT_NE(account(line), "");
  }
}

TEST_F(PasswdTest, UpperCase) {
  owners_["/U"] = 12;
  EXPECT_EQ(account("User:x:12:20::/U:/x"), "");
  rules_.upper_case = true;
  EXPECT_EQ(account("User:x:12:20::/U:/x"),
            "=User:User:12:20:/U:::\n+User-:User:12:20:/U:-::\n");
}

TEST_F(PasswdTest, IncludeAndExclude) {
  rules_.include = base::ConstMap::of_keys({"U"});
  EXPECT_NE(account(kUser), "");
  EXPECT_EQ(account("v:x:10:20:c:/u:/bin/sh"), "");
  rules_.exclude = base::ConstMap::of_keys({"u"});
  EXPECT_EQ(account(kUser), "");
  rules_.exclude = {};
  rules_.include = base::ConstMap::of_keys({});
  EXPECT_EQ(account(kUser), "");
}

TEST_F(PasswdTest, MailNames) {
  rules_.break_character.reset();
  rules_.mail_names = base::ConstMap::of_pairs({"U:a::b"});
  EXPECT_EQ(account(kUser), "=a:u:10:20:/u:::\n=b:u:10:20:/u:::\n");
  rules_.mail_names = base::ConstMap::of_pairs({"u:"});
  EXPECT_EQ(account(kUser), "");
}

TEST_F(PasswdTest, Subusers) {
  auto it = maker();
  ASSERT_TRUE(it.account(kUser));
  EXPECT_EQ(*it.subuser("sales:U:shop:"),
            "=sales:u:10:20:/u:-:shop:\n+sales-:u:10:20:/u:-:shop-:\n");
  EXPECT_EQ(*it.subuser("sales:u:shop:rest:more"),
            "=sales:u:10:20:/u:-:shop:\n+sales-:u:10:20:/u:-:shop-:\n");
  for (const char* line : {"", "sales", "sales:u", "sales:u:shop"}) {
    EXPECT_EQ(*it.subuser(line), "") << line;
  }
  EXPECT_EQ(it.subuser("s:nobody:p:").error().text, "unable to find nobody user for subuser");
  EXPECT_EQ(it.subuser("s::p:").error().text, "unable to find  user for subuser");
}

TEST_F(PasswdTest, SubuserOfAnAccountWithoutMailNames) {
  rules_.mail_names = base::ConstMap::of_pairs({"u:"});
  auto it = maker();
  ASSERT_TRUE(it.account(kUser));
  EXPECT_NE(*it.subuser("sales:u:shop:"), "");
}

}  // namespace
}  // namespace reqmail::users
