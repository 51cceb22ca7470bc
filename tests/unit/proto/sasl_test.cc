#include "proto/sasl.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/base64.h"

namespace reqmail::proto {
namespace {

using namespace std::string_view_literals;

std::string b64(std::string_view bytes) {
  return base::encode_base64(bytes);
}

SaslStep plain(std::string_view response) {
  return SaslExchange(SaslMechanism::plain).start(b64(response));
}

TEST(Sasl, PlainTakesUserAndPasswordAndIgnoresTheAuthorizationIdentity) {
  for (const std::string_view response : {"\0joe\0pass word"sv, "root\0joe\0pass word"sv}) {
    const SaslStep step = plain(response);
    ASSERT_EQ(step.event, SaslEvent::check);
    EXPECT_EQ(step.credentials.mechanism, SaslMechanism::plain);
    EXPECT_EQ(step.credentials.user, "joe");
    EXPECT_EQ(step.credentials.secret, "pass word");
    EXPECT_EQ(step.credentials.challenge, "");
  }
}

TEST(Sasl, PlainAfterAnEmptyPrompt) {
  SaslExchange exchange(SaslMechanism::plain);
  const SaslStep asked = exchange.start(std::nullopt);
  EXPECT_EQ(asked.event, SaslEvent::prompt);
  EXPECT_EQ(asked.prompt, "");
  EXPECT_EQ(exchange.answer(b64("\0joe\0x"sv)).event, SaslEvent::check);
}

TEST(Sasl, WhiteSpaceBehindAResponseIsIgnored) {
  for (const char* space : {" ", "  ", "\t", " \t "}) {
    const std::string response = b64("\0joe\0x"sv);
    EXPECT_EQ(SaslExchange(SaslMechanism::plain).start(response + space).event,
              SaslEvent::check);
    SaslExchange asked(SaslMechanism::plain);
    (void)asked.start(std::nullopt);
    EXPECT_EQ(asked.answer(response + space).event, SaslEvent::check);

    SaslExchange login(SaslMechanism::login);
    EXPECT_EQ(login.start(b64("joe") + space).event, SaslEvent::prompt);
    const SaslStep step = login.answer(b64("secret") + space);
    EXPECT_EQ(step.event, SaslEvent::check);
    EXPECT_EQ(step.credentials.user, "joe");
    EXPECT_EQ(step.credentials.secret, "secret");

    SaslExchange cram(SaslMechanism::cram_md5, "<1@x>");
    (void)cram.start(std::nullopt);
    EXPECT_EQ(cram.answer(b64("joe 0123456789abcdef0123456789abcdef") + space).event,
              SaslEvent::check);

    SaslExchange given_up(SaslMechanism::login);
    (void)given_up.start(std::nullopt);
    EXPECT_EQ(given_up.answer(std::string("*") + space).event, SaslEvent::cancelled);
    EXPECT_EQ(SaslExchange(SaslMechanism::plain).start(std::string("=") + space).event,
              SaslEvent::malformed);
  }
  // A blank within the text is not base 64.
  EXPECT_EQ(SaslExchange(SaslMechanism::plain).start("AGpv ZQB4").event, SaslEvent::malformed);
}

TEST(Sasl, OddPlainResponses) {
  for (const std::string_view response :
       {""sv, "joe"sv, "\0joe"sv, "\0joe\0"sv, "\0\0x"sv, "\0\0"sv, "\0joe\0x\0"sv,
        "\0joe\0x\0y"sv, "joe\0x"sv, "\0jo\ne\0x"sv, "\0jo\x7f\0x"sv, "\0jo\re\0x"sv}) {
    EXPECT_EQ(plain(response).event, SaslEvent::malformed) << b64(response);
  }
  for (const char* text : {"=", "!", "AAA", "AGpvZQB4=", "", " AGpvZQB4"}) {
    EXPECT_EQ(SaslExchange(SaslMechanism::plain).start(text).event, SaslEvent::malformed)
        << text;
  }
}

TEST(Sasl, LoginAsksForNameAndPassword) {
  SaslExchange exchange(SaslMechanism::login);
  EXPECT_EQ(exchange.start(std::nullopt).prompt, "VXNlcm5hbWU6");
  EXPECT_EQ(exchange.answer(b64("joe")).prompt, "UGFzc3dvcmQ6");
  const SaslStep step = exchange.answer(b64("secret"));
  ASSERT_EQ(step.event, SaslEvent::check);
  EXPECT_EQ(step.credentials.user, "joe");
  EXPECT_EQ(step.credentials.secret, "secret");
}

TEST(Sasl, LoginWithTheNameInTheCommand) {
  SaslExchange exchange(SaslMechanism::login);
  EXPECT_EQ(exchange.start(b64("joe")).prompt, "UGFzc3dvcmQ6");
  EXPECT_EQ(exchange.answer(b64("secret")).event, SaslEvent::check);
}

TEST(Sasl, OddLoginFields) {
  for (const std::string_view name : {""sv, "jo\0e"sv, "jo\ne"sv}) {
    SaslExchange exchange(SaslMechanism::login);
    (void)exchange.start(std::nullopt);
    EXPECT_EQ(exchange.answer(b64(name)).event, SaslEvent::malformed);
  }
  for (const std::string_view password : {""sv, "se\0cret"sv}) {
    SaslExchange exchange(SaslMechanism::login);
    (void)exchange.start(b64("joe"));
    EXPECT_EQ(exchange.answer(b64(password)).event, SaslEvent::malformed);
  }
  EXPECT_EQ(SaslExchange(SaslMechanism::login).start("=").event, SaslEvent::malformed);
}

// The example of RFC 2195 section 2.
TEST(Sasl, CramMd5HandsOverDigestAndChallenge) {
  const std::string challenge = "<1896.697170952@postoffice.reston.mci.net>";
  SaslExchange exchange(SaslMechanism::cram_md5, challenge);
  EXPECT_EQ(exchange.start(std::nullopt).prompt,
            "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+");
  const SaslStep step = exchange.answer("dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
  ASSERT_EQ(step.event, SaslEvent::check);
  EXPECT_EQ(step.credentials.user, "tim");
  EXPECT_EQ(step.credentials.secret, "b913a602c7eda7a495b4e6e7334d3890");
  EXPECT_EQ(step.credentials.challenge, challenge);
}

TEST(Sasl, OddDigests) {
  for (const char* response :
       {"joe", "joe ", " b913a602c7eda7a495b4e6e7334d3890",
        "joe b913a602c7eda7a495b4e6e7334d389", "joe b913a602c7eda7a495b4e6e7334d3890a",
        "joe g913a602c7eda7a495b4e6e7334d3890"}) {
    SaslExchange exchange(SaslMechanism::cram_md5, "<x@y>");
    (void)exchange.start(std::nullopt);
    EXPECT_EQ(exchange.answer(b64(response)).event, SaslEvent::malformed) << response;
  }
  SaslExchange upper(SaslMechanism::cram_md5, "<x@y>");
  (void)upper.start(std::nullopt);
  EXPECT_EQ(upper.answer(b64("a b B913A602C7EDA7A495B4E6E7334D3890")).credentials.secret,
            "b913a602c7eda7a495b4e6e7334d3890");
  EXPECT_EQ(SaslExchange(SaslMechanism::cram_md5, "<x@y>").start("am9l").event,
            SaslEvent::malformed);
}

TEST(Sasl, AStarCancels) {
  for (const SaslMechanism mechanism :
       {SaslMechanism::plain, SaslMechanism::login, SaslMechanism::cram_md5}) {
    SaslExchange exchange(mechanism, "<x@y>");
    (void)exchange.start(std::nullopt);
    EXPECT_EQ(exchange.answer("*").event, SaslEvent::cancelled);
  }
}

}  // namespace
}  // namespace reqmail::proto
