// users/passwd and users/secrets on disk: how qmail-newpasswd changes them, and who may log in
// afterwards.
#include "auth/user_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "auth/authenticate.h"
#include "auth/hash.h"
#include "auth/system_login.h"
#include "auth/user_admin.h"
#include "base/md5.h"
#include "sys/file.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::auth {
namespace {

using testing::content_of;
using testing::names_in;
using testing::put_file;
using testing::TemporaryHome;

// A hash of "secret" that is cheap to check.
constexpr const char* kHash = "$5$rounds=1000$salt$Rsv6KDVDnbkV0k9BoJKx1ZQk2l5OQVsU2ZfBnkfKdF2";

class Users : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::mkdir("users", 0700), 0); }

  static UserChange joe() {
    UserChange change;
    change.hash = kHash;
    change.identity = sys::Identity{1234, 1235};
    change.home = "/home/joe";
    change.shell = "/bin/sh";
    return change;
  }

  TemporaryHome home_;
};

TEST_F(Users, MissingFilesAreEmptyOnesToBegin) {
  const auto missing = read_user_file(UserFileKind::passwd);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().error, ENOENT);
  EXPECT_NE(missing.error().text.find("users/passwd"), std::string::npos);
  const auto begun = read_or_begin(UserFileKind::passwd);
  ASSERT_TRUE(begun);
  EXPECT_EQ(begun->text(), ".\n");
}

TEST_F(Users, FilesAreForRootAlone) {
  const auto file = read_or_begin(UserFileKind::passwd);
  ASSERT_TRUE(file);
  // A file that a killed run has left does no harm.
  put_file("users/passwd.tmp", "old", 0666);
  ASSERT_TRUE(write_user_file(*file));
  ASSERT_TRUE(write_database(*file));
  for (const char* name : {"users/passwd", "users/passwd.cdb"}) {
    const auto status = sys::status(std::string(name));
    ASSERT_TRUE(status) << name;
    EXPECT_EQ(status->st_mode & 07777, 0600U) << name;
  }
  EXPECT_FALSE(others_can_read(UserFileKind::passwd));
  ASSERT_EQ(::chmod("users/passwd", 0640), 0);
  EXPECT_TRUE(others_can_read(UserFileKind::passwd));
  EXPECT_EQ(names_in("users"), (std::vector<std::string>{"passwd", "passwd.cdb"}));
}

TEST_F(Users, LockIsAFile) {
  EXPECT_TRUE(lock_users());
  EXPECT_EQ(names_in("users"), std::vector<std::string>{"passwd.lock"});
}

TEST_F(Users, AddedChangedLockedRemoved) {
  EXPECT_TRUE(expect_login(UserFileKind::passwd, "joe", false));
  EXPECT_FALSE(expect_login(UserFileKind::passwd, "joe", true));
  ASSERT_TRUE(add_user("joe", joe()));
  EXPECT_FALSE(add_user("joe", joe()));
  EXPECT_TRUE(expect_login(UserFileKind::passwd, "joe", true));
  EXPECT_EQ(content_of("users/passwd"),
            std::string("joe:") + kHash + ":1234:1235::/home/joe:/bin/sh\n.\n");
  UserChange change;
  change.gecos = "Joe";
  ASSERT_TRUE(change_user("joe", change));
  EXPECT_FALSE(change_user("ann", change));
  EXPECT_NE(content_of("users/passwd").find(":Joe:/home/joe:"), std::string::npos);
  ASSERT_TRUE(lock_user("joe"));
  EXPECT_NE(content_of("users/passwd").find("joe:!"), std::string::npos);
  ASSERT_TRUE(unlock_user("joe"));
  EXPECT_EQ(content_of("users/passwd").find("joe:!"), std::string::npos);
  ASSERT_TRUE(set_secret("joe", "s3cret", false));
  EXPECT_NE(content_of("users/secrets").find("s3cret"), std::string::npos);
  const auto listed = list_logins(UserFileKind::passwd);
  ASSERT_TRUE(listed);
  EXPECT_NE(listed->output.find("joe"), std::string::npos);
  EXPECT_EQ(listed->output.find(kHash), std::string::npos);
  EXPECT_EQ(listed->output.find("s3cret"), std::string::npos);
  ASSERT_TRUE(remove_login(UserFileKind::passwd, "joe"));
  EXPECT_EQ(content_of("users/passwd"), ".\n");
  EXPECT_EQ(content_of("users/secrets"), ".\n");
}

TEST_F(Users, DatabaseIsMadeOfTheText) {
  put_file("users/passwd", std::string("ann:") + kHash + ":1234:1235::/home/ann:/bin/sh\n.\n");
  ASSERT_TRUE(rebuild(UserFileKind::passwd));
  EXPECT_NE(content_of("users/passwd.cdb").find("/home/ann"), std::string::npos);
  put_file("users/passwd", "ann\n");
  EXPECT_FALSE(rebuild(UserFileKind::passwd));
}

class Logins : public Users {
 protected:
  void SetUp() override {
    Users::SetUp();
    auto hash = make_hash("secret", nullptr, std::nullopt);
    if (!hash) {
      GTEST_SKIP() << "crypt(3) makes no hash here";
    }
    UserChange change = joe();
    change.hash = *hash;
    ASSERT_TRUE(add_user("joe@a.example", change));
    ASSERT_TRUE(set_secret("joe@a.example", "shared", false));
  }

  static Result<std::optional<LoginAccount>> decide(const std::string& login,
                                                    const std::string& secret,
                                                    const std::string& challenge = {}) {
    LoginFields fields;
    fields.login = login;
    fields.secret = secret;
    fields.challenge = challenge;
    return authenticate(fields, "users");
  }

  static std::string user_of(const std::string& login, const std::string& secret,
                             const std::string& challenge = {}) {
    const auto account = decide(login, secret, challenge);
    if (!account) {
      return "trouble: " + account.error().text;
    }
    return *account ? (*account)->user : "refused";
  }
};

TEST_F(Logins, PasswordDecides) {
  const auto account = decide("joe@a.example", "secret");
  ASSERT_TRUE(account && *account);
  EXPECT_EQ((*account)->user, "joe@a.example");
  EXPECT_EQ((*account)->identity.uid, 1234U);
  EXPECT_EQ((*account)->home, "/home/joe");
  EXPECT_FALSE((*account)->of_system);
  EXPECT_EQ(user_of("joe@a.example", "wrong"), "refused");
  EXPECT_EQ(user_of("joe@a.example", ""), "refused");
  EXPECT_EQ(user_of("ann@a.example", "secret"), "refused");
}

TEST_F(Logins, AnswerToTheChallengeDecides) {
  const std::string challenge = "<1.2@a.example>";
  EXPECT_EQ(user_of("joe@a.example", base::hmac_md5_hex("shared", challenge), challenge),
            "joe@a.example");
  EXPECT_EQ(user_of("joe@a.example", base::hmac_md5_hex("other", challenge), challenge),
            "refused");
}

TEST_F(Logins, NoSystemLoginIsFound) {
  look_for_no_system_login("no such account");
  EXPECT_EQ(user_of("no-such-account-here", "secret"), "refused");
}

TEST_F(Logins, DamagedDatabaseIsTrouble) {
  put_file("users/passwd.cdb", "no cdb");
  EXPECT_TRUE(user_of("joe@a.example", "secret").starts_with("trouble: "));
}

}  // namespace
}  // namespace reqmail::auth
