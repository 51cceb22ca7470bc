#include "proto/sasl_client.h"

#include <gtest/gtest.h>

#include "base/base64.h"

namespace reqmail::proto {
namespace {

using base::encode_base64;

TEST(SaslClient, Plain) {
  const SaslLogin login("joe", "top:secret|x");
  SaslClient client(SaslMechanism::plain, login);
  const std::string response = encode_base64(std::string("\0joe\0top:secret|x", 17));
  EXPECT_EQ(client.command(), "AUTH PLAIN " + response);
  // If the server asks again, it gets the same response once.
  EXPECT_EQ(client.answer(""), response);
  EXPECT_FALSE(client.answer(""));
}

TEST(SaslClient, PlainThatDoesNotFitACommandIsSaidWhenAsked) {
  const SaslLogin fits("joe", std::string(367, 'x'));
  EXPECT_EQ(SaslClient(SaslMechanism::plain, fits).command().size(), 507U);
  const SaslLogin login("joe", std::string(368, 'x'));
  SaslClient client(SaslMechanism::plain, login);
  EXPECT_EQ(client.command(), "AUTH PLAIN");
  EXPECT_EQ(client.answer("")->size(), 500U);
}

TEST(SaslClient, LoginByTheOrderOfTheQuestions) {
  const SaslLogin login("joe", "secret");
  SaslClient client(SaslMechanism::login, login);
  EXPECT_EQ(client.command(), "AUTH LOGIN");
  EXPECT_EQ(client.answer("VXNlciBOYW1lAA=="), encode_base64("joe"));
  EXPECT_EQ(client.answer("garbage"), encode_base64("secret"));
  EXPECT_FALSE(client.answer("UGFzc3dvcmQ6"));
}

// The example of RFC 2195.
TEST(SaslClient, CramMd5) {
  const SaslLogin login("tim", "tanstaaftanstaaf");
  SaslClient client(SaslMechanism::cram_md5, login);
  EXPECT_EQ(client.command(), "AUTH CRAM-MD5");
  EXPECT_EQ(client.answer("PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"),
            "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
  EXPECT_FALSE(client.answer("PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"));
}

TEST(SaslClient, WhiteSpaceBehindAChallengeIsIgnored) {
  const SaslLogin login("tim", "tanstaaftanstaaf");
  SaslClient client(SaslMechanism::cram_md5, login);
  EXPECT_EQ(client.answer("PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+ \t"),
            "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
}

TEST(SaslClient, CramMd5NeedsAChallenge) {
  const SaslLogin login("tim", "tanstaaftanstaaf");
  for (const char* challenge : {"", "no base 64", "PDE4OTY"}) {
    SaslClient client(SaslMechanism::cram_md5, login);
    EXPECT_FALSE(client.answer(challenge)) << challenge;
  }
}

TEST(SaslClient, MechanismsByName) {
  EXPECT_EQ(sasl_mechanism("cram-md5"), SaslMechanism::cram_md5);
  EXPECT_EQ(sasl_mechanism("PLAIN"), SaslMechanism::plain);
  EXPECT_EQ(sasl_mechanism("Login"), SaslMechanism::login);
  EXPECT_FALSE(sasl_mechanism("SCRAM-SHA-256"));
  EXPECT_FALSE(sasl_mechanism(""));
}

TEST(SaslClient, LoginsInTextsOfTheServer) {
  const SaslLogin login("joe", "top:secret");
  EXPECT_EQ(hide_login("535 bad password top:secret for Joe\n", login),
            "535 bad password *** for ***\n");
  EXPECT_EQ(
      hide_login("535 " + encode_base64(std::string("\0joe\0top:secret", 15)) + "\n", login),
      "535 ***\n");
  EXPECT_EQ(hide_login("535 " + encode_base64("top:secret") + " xTOP:SECRETx\n", login),
            "535 *** x***x\n");
  // A name is hidden only as a whole word, since it may be part of other words.
  EXPECT_EQ(hide_login("550 joey <joe@a.example> enjoes\n", login),
            "550 joey <***@a.example> enjoes\n");
  EXPECT_EQ(hide_login("250 ok\n", SaslLogin("", "")), "250 ok\n");
}

}  // namespace
}  // namespace reqmail::proto
