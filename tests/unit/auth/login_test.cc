// Login code that does not depend on the system: the fields of descriptor 3, lines of
// users/passwd, hashes, challenges, and expiry.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "auth/challenge.h"
#include "auth/hash.h"
#include "auth/login_fields.h"
#include "auth/shadow.h"
#include "auth/user_line.h"

namespace reqmail::auth {
namespace {

using namespace std::string_literals;

TEST(LoginFields, WhatIsReadOnDescriptorThree) {
  LoginFields fields;
  ASSERT_TRUE(parse_login_fields("joe\0secret\0<1@x>\0more"s, fields));
  EXPECT_EQ(fields.login, "joe");
  EXPECT_EQ(fields.secret, "secret");
  EXPECT_EQ(fields.challenge, "<1@x>");
  LoginFields plain;
  ASSERT_TRUE(parse_login_fields("joe\0secret\0"s, plain));
  EXPECT_EQ(plain.challenge, "");
  LoginFields unended;
  ASSERT_TRUE(parse_login_fields("joe\0secret\0<1@x>"s, unended));
  EXPECT_EQ(unended.challenge, "<1@x>");
  LoginFields empty;
  ASSERT_TRUE(parse_login_fields("\0\0"s, empty));
  EXPECT_EQ(empty.login + empty.secret + empty.challenge, "");
  for (const std::string& bytes : {""s, "joe"s, "\0"s, "joe\0secret"s}) {
    LoginFields none;
    EXPECT_FALSE(parse_login_fields(bytes, none)) << bytes;
  }
}

TEST(UserLine, AWholeLine) {
  const auto line = parse_user_line("joe@x:$6$a$b:2001:4294967294:Joe, the:/home/joe:/bin/sh");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->login, "joe@x");
  EXPECT_EQ(line->user.hash, "$6$a$b");
  EXPECT_EQ(line->user.uid, 2001U);
  EXPECT_EQ(line->user.gid, 4294967294U);
  EXPECT_EQ(line->user.gecos, "Joe, the");
  EXPECT_EQ(line->user.home, "/home/joe");
  EXPECT_EQ(line->user.shell, "/bin/sh");
  EXPECT_EQ(user_fields(line->user), "$6$a$b:2001:4294967294:Joe, the:/home/joe:/bin/sh");
}

TEST(UserLine, WhatIsWrongWithOne) {
  const std::vector<std::pair<std::string, std::string>> lines = {
      {"", "no login"},
      {"joe", "not login:hash:uid:gid:gecos:home:shell"},
      {"joe:*:1:1::/", "not login:hash:uid:gid:gecos:home:shell"},
      {"joe:*:1:1::/::", "not login:hash:uid:gid:gecos:home:shell"},
      {"joe:*:4294967295:1::/:", "the uid is no number"},
      {"joe:*: 1:1::/:", "the uid is no number"},
      {"joe:*:1:+1::/:", "the gid is no number"},
      {"joe:*:1:1:::", "the home is no absolute path"},
      {"joe:*:1:1::./x:", "the home is no absolute path"},
      {"joe:*:1:1:\x7f:/:", "a control character"},
      {"j oe:*:1:1::/:", "a colon, blank or control character in the login"},
      {".joe:*:1:1::/:", "a login cannot begin with # . or @"},
  };
  for (const auto& [line, problem] : lines) {
    const auto parsed = parse_user_line(line);
    ASSERT_FALSE(parsed) << line;
    EXPECT_EQ(parsed.error().text, problem) << line;
  }
}

TEST(UserLine, SecretsMayHoldColons) {
  const auto line = parse_secret_line("joe:a:b ");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->login, "joe");
  EXPECT_EQ(line->secret, "a:b ");
  EXPECT_FALSE(parse_secret_line("joe"));
  EXPECT_FALSE(parse_secret_line("joe:"));
  EXPECT_FALSE(parse_secret_line(":x"));
}

TEST(UserLine, AddressesHaveNoCase) {
  EXPECT_EQ(login_key("Joe@Example.ORG"), "joe@example.org");
  EXPECT_EQ(login_key("Joe"), "Joe");
}

TEST(Hash, States) {
  const std::vector<std::pair<std::string, HashState>> states = {
      {"", HashState::empty},
      {"*", HashState::none},
      {"*LK*", HashState::none},
      {"x", HashState::none},
      {"!", HashState::locked},
      {"!$6$a$b", HashState::locked},
      {"$y$j9T$a$b", HashState::usable},
      {"$gy$j9T$a$b", HashState::usable},
      {"$7$CU..../....a$b", HashState::usable},
      {"$2b$05$x", HashState::usable},
      {"$2y$05$x", HashState::usable},
      {"$2a$05$x", HashState::usable},
      {"$6$a$b", HashState::usable},
      {"$5$a$b", HashState::usable},
      {"$argon2id$v=19$m=1$a$b", HashState::usable},
      {"$1$a$b", HashState::weak},
      {"$2x$05$x", HashState::weak},
      {"abcdefghijklm", HashState::weak},
      {"_J9..abcdabcd", HashState::weak},
      {"$3$$abc", HashState::weak},
      {"$sha1$1$a$b", HashState::weak},
      {"plain", HashState::weak},
  };
  for (const auto& [hash, state] : states) {
    EXPECT_EQ(hash_state(hash), state) << hash;
  }
}

TEST(Hash, CostIsMethodAndParameters) {
  EXPECT_EQ(cost_of("$y$j9T$salt$hash"), "$y$j9T$");
  EXPECT_EQ(cost_of("$gy$j9T$salt$hash"), "$gy$j9T$");
  EXPECT_EQ(cost_of("$6$salt$hash"), "$6$");
  EXPECT_EQ(cost_of("$6$rounds=9000$salt$hash"), "$6$rounds=9000$");
  EXPECT_EQ(cost_of("$5$rounds=9000$salt$hash"), "$5$rounds=9000$");
  EXPECT_EQ(cost_of("$2b$12$saltsaltsaltsaltsaltsahash"), "$2b$12$");
  EXPECT_EQ(cost_of("$7$CU..../....salt$hash"), "$7$CU..../....");
  EXPECT_EQ(cost_of("$argon2id$v=19$m=4096,t=3,p=1$salt$hash"),
            "$argon2id$v=19$m=4096,t=3,p=1$");
  EXPECT_EQ(cost_of("$1$salt$hash"), "");
  for (const char* broken : {"$y$", "$6$", "$6$rounds=", "$2b$", "$7$", "$argon2id$"}) {
    EXPECT_EQ(cost_of(broken), broken);
  }
}

TEST(Hash, SamplesHaveEachCostOnceTheMostFrequentFirst) {
  CostSample sample;
  for (const char* hash :
       {"$6$one$hash", "$y$j9T$two$hash", "$y$j9T$three$hash", "!$5$x$y", "*", "", "$1$a$b",
        "$2b$12$abcdefghijklmnopqrstuvhash", "$y$j75$four$hash", "$5$five$hash"}) {
    sample.add(hash);
  }
  EXPECT_EQ(sample.settings(),
            (std::vector<std::string>{"$y$j9T$two$", "$6$one$", "$2b$12$abcdefghijklmnopqrstuv",
                                      "$y$j75$four$"}));
  EXPECT_TRUE(CostSample().settings().empty());
}

TEST(Hash, MadeAndChecked) {
  const auto hash = make_hash("secret", find_hash_method("sha256"), 1000);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$5$rounds=1000$"));
  const std::string right = "secret";
  const std::string wrong = "secres";
  EXPECT_EQ(PasswordTrial(right).fits(*hash).value_or(false), true);
  EXPECT_EQ(PasswordTrial(wrong).fits(*hash).value_or(true), false);
  EXPECT_NE(*hash, *make_hash("secret", find_hash_method("sha256"), 1000));
  EXPECT_FALSE(make_hash("secret", find_hash_method("bcrypt"), 99));
  EXPECT_FALSE(make_hash(std::string(73, 'x'), find_hash_method("bcrypt"), 4));
  EXPECT_TRUE(make_hash(std::string(72, 'x'), find_hash_method("bcrypt"), 4));
  EXPECT_EQ(find_hash_method("md5"), nullptr);
  const auto preferred = make_hash("secret", nullptr, std::nullopt);
  ASSERT_TRUE(preferred);
  EXPECT_EQ(hash_state(*preferred), HashState::usable);
}

TEST(Hash, WhatFitsNothing) {
  const std::string password;
  for (const char* hash : {"", "!", "*", "x", "$6$", "$y$", "$2b$05$", "$1$a$b", "*0", "*1"}) {
    EXPECT_EQ(PasswordTrial(password).fits(hash).value_or(true), false) << hash;
  }
}

TEST(Challenge, BothKindsOfAnswer) {
  // These are the examples of RFC 2195 section 2 and RFC 1939 section 7.
  const std::string cram = "<1896.697170952@postoffice.reston.mci.net>";
  const std::string apop = "<1896.697170952@dbc.mtview.ca.us>";
  EXPECT_TRUE(answers_challenge("tanstaaftanstaaf", cram, "b913a602c7eda7a495b4e6e7334d3890"));
  EXPECT_TRUE(answers_challenge("tanstaaf", apop, "c4c9334bac560ecc979e58001b3e22fb"));
  EXPECT_FALSE(answers_challenge("tanstaaf", cram, "b913a602c7eda7a495b4e6e7334d3890"));
  EXPECT_FALSE(answers_challenge("tanstaaftanstaaf", apop, "b913a602c7eda7a495b4e6e7334d3890"));
  EXPECT_FALSE(answers_challenge("tanstaaf", apop, ""));
  EXPECT_FALSE(answers_challenge("tanstaaf", apop, "C4C9334BAC560ECC979E58001B3E22FB"));
}

TEST(Challenge, FormOfAnAnswer) {
  EXPECT_TRUE(is_digest("0123456789abcdef0123456789abcdef"));
  EXPECT_FALSE(is_digest("0123456789abcdef0123456789abcde"));
  EXPECT_FALSE(is_digest("0123456789abcdef0123456789abcdef0"));
  EXPECT_FALSE(is_digest("0123456789ABCDEF0123456789abcdef"));
  EXPECT_FALSE(is_digest("0123456789abcdeg0123456789abcdef"));
}

TEST(Challenge, SameBytes) {
  EXPECT_TRUE(same_bytes("", ""));
  EXPECT_TRUE(same_bytes("a\xff", "a\xff"));
  EXPECT_FALSE(same_bytes("a", "b"));
  EXPECT_FALSE(same_bytes("a", "ab"));
  EXPECT_FALSE(same_bytes("ba", "ab"));
}

TEST(Shadow, Expiry) {
  constexpr std::int64_t kToday = 20000;
  const auto over = [](ShadowDates dates) {
    return is_expired(dates, base::from_epoch(kToday * 86400 + 86399));
  };
  EXPECT_FALSE(over({-1, -1, -1}));
  EXPECT_FALSE(over({kToday, 99999, kToday + 1}));
  EXPECT_TRUE(over({kToday, 99999, kToday}));
  EXPECT_TRUE(over({kToday, 99999, 0}));
  EXPECT_TRUE(over({0, 99999, -1}));
  EXPECT_FALSE(over({kToday - 30, 30, -1}));
  EXPECT_TRUE(over({kToday - 31, 30, -1}));
  EXPECT_FALSE(over({kToday + 5, 0, -1}));
  EXPECT_FALSE(over({-1, 30, -1}));
}

TEST(Shadow, SampleOfAFile) {
  EXPECT_EQ(
      sample_shadow("root:*:1\n\njunk\nann:$6$a$b:1:\nbob:!$5$a$b:1\n:$y$j9T$c$d").settings(),
      (std::vector<std::string>{"$6$a$", "$y$j9T$c$"}));
}

}  // namespace
}  // namespace reqmail::auth
