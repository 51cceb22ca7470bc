#include "smtpd/starttls_state.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "listen/auth_log.h"
#include "smtpd/login.h"

namespace reqmail::smtpd {
namespace {

TEST(StarttlsState, ThereAndBack) {
  for (const StarttlsState& state : {StarttlsState{}, StarttlsState{"", 1},
                                     StarttlsState{"c.example", 4}, StarttlsState{"a:b:", 0}}) {
    const auto back = decode_starttls_state(encode_starttls_state(state));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->helo, state.helo);
    EXPECT_EQ(back->refused_logins, state.refused_logins);
  }
}

TEST(StarttlsState, NoSense) {
  for (const char* text : {"", ":c", "x", "-1", "6", "99999999999999999999", "1x:c"}) {
    EXPECT_FALSE(decode_starttls_state(text)) << text;
  }
}

TEST(StarttlsState, IsTakenOutOfTheEnvironment) {
  ::setenv("QMAILSTARTTLS", "2:c", 1);
  EXPECT_EQ(take_starttls_state()->helo, "c");
  EXPECT_EQ(::getenv("QMAILSTARTTLS"), nullptr);
  EXPECT_FALSE(take_starttls_state().has_value());
}

SmtpdLogin login_here(const std::vector<std::string>& arguments,
                      const std::optional<std::string>& me) {
  return smtpd_login(arguments, login_environment(), me);
}

class Login : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"SMTPAUTH", "REQUIRE_AUTH", "FORCETLS", "ALLOW_INSECURE_AUTH",
                             "FORCEAUTHMAILFROM", "TCPLOCALHOST"}) {
      ::unsetenv(name);
    }
    ::setenv("PATH", "/bin:/usr/bin", 1);
  }

  void TearDown() override { SetUp(); }
};

TEST_F(Login, NobodyAsksForIt) {
  const SmtpdLogin login = login_here({}, "h.example");
  EXPECT_FALSE(login.policy.known);
  EXPECT_TRUE(login.checker.empty());
}

TEST_F(Login, AHostNameInFrontOfTheChecker) {
  const std::vector<std::string> rest = {"/bin/checkpassword", "/bin/true"};
  const auto with = [&rest](const std::string& first) {
    return login_here({first, rest[0], rest[1]}, std::optional<std::string>("justme"));
  };
  for (const char* host : {"mail.example.net", "justme"}) {
    EXPECT_EQ(with(host).checker, rest) << host;
    EXPECT_TRUE(with(host).policy.plain_and_login) << host;
  }
  ::setenv("TCPLOCALHOST", "local", 1);
  EXPECT_EQ(with("local").checker, rest);
  // These are not host names: a path, an unknown word, and a program in PATH.
  ::setenv("TCPLOCALHOST", "sh", 1);
  for (const char* program : {"/etc/mail.example", "other", "sh"}) {
    EXPECT_EQ(with(program).checker.front(), program);
    EXPECT_FALSE(with(program).policy.plain_and_login) << program;
    EXPECT_TRUE(with(program).policy.known);
  }
  // There are too few arguments after it.
  EXPECT_EQ(login_here({"mail.example.net", "x"}, std::nullopt).checker.size(), 2U);
}

TEST_F(Login, Variables) {
  const std::vector<std::string> checker = {"/bin/checkpassword", "/bin/true"};
  ::setenv("REQUIRE_AUTH", "1", 1);
  EXPECT_TRUE(login_here(checker, std::nullopt).policy.required);
  EXPECT_TRUE(login_here(checker, std::nullopt).policy.plain_and_login);
  EXPECT_TRUE(login_here({}, std::nullopt).policy.required);
  EXPECT_FALSE(login_here({}, std::nullopt).policy.plain_and_login);
  ::setenv("SMTPAUTH", "cram", 1);
  EXPECT_TRUE(login_here(checker, std::nullopt).policy.required);
  EXPECT_FALSE(login_here(checker, std::nullopt).policy.plain_and_login);
  ::setenv("REQUIRE_AUTH", "0", 1);
  EXPECT_FALSE(login_here(checker, std::nullopt).policy.required);
  EXPECT_FALSE(login_here(checker, std::nullopt).policy.in_clear);
  for (const char* value : {"1", "", "no"}) {
    ::setenv("FORCETLS", value, 1);
    EXPECT_FALSE(login_here(checker, std::nullopt).policy.in_clear) << value;
  }
  ::setenv("FORCETLS", "0", 1);
  EXPECT_TRUE(login_here(checker, std::nullopt).policy.in_clear);
  ::unsetenv("FORCETLS");
  ::setenv("ALLOW_INSECURE_AUTH", "1", 1);
  EXPECT_TRUE(login_here(checker, std::nullopt).policy.in_clear);
  ::setenv("FORCEAUTHMAILFROM", "1", 1);
  EXPECT_TRUE(login_here(checker, std::nullopt).policy.user_is_sender);
}

TEST_F(Login, UsersInLogs) {
  EXPECT_EQ(listen::shown_user("joe@h.example"), "joe@h.example");
  EXPECT_EQ(listen::shown_user("a b<c>\n\x80%"), "a_b_c___%");
}

}  // namespace
}  // namespace reqmail::smtpd
