// Command lines, addresses and parameters as all kinds of clients send them.
#include "proto/smtp_command.h"

#include <gtest/gtest.h>

namespace reqmail::proto {
namespace {

TEST(SmtpCommand, WordsWithTheirArguments) {
  const SmtpCommand command = parse_smtp_command("mAiL   FROM:<a@b> SIZE=1");
  EXPECT_EQ(command.word, "mAiL");
  EXPECT_EQ(command.argument, "FROM:<a@b> SIZE=1");
  EXPECT_EQ(parse_smtp_command("QUIT").word, "QUIT");
  EXPECT_EQ(parse_smtp_command("QUIT").argument, "");
  EXPECT_EQ(parse_smtp_command("EHLO ").argument, "");
  EXPECT_EQ(parse_smtp_command("NOOP\t x").word, "NOOP\t");
}

TEST(SmtpCommand, HttpRequests) {
  for (const char* line : {"GET / HTTP/1.1", "post /x HTTP/1.0", "OPTIONS * HTTP/2.0",
                           "CONNECT host:25 HTTP/1.1", "PRI * HTTP/2.0"}) {
    EXPECT_TRUE(is_http_request(line)) << line;
  }
  for (const char* line : {"GET", "GET /", "NOOP HTTP/1.1", "GETX / HTTP/1.1", "Host: HTTP/1.1",
                           "MAIL FROM:<a@b> HTTP/1.1", "GET/ HTTP/1.1"}) {
    EXPECT_FALSE(is_http_request(line)) << line;
  }
}

struct AddressCase {
  const char* argument;
  const char* address;
};

TEST(SmtpAddress, AsQmailReadsThem) {
  const AddressCase cases[] = {
      {"FROM:<a@b.example>", "a@b.example"},
      {"FROM:<>", ""},
      {"", ""},
      {"FROM", ""},
      {"FROM:", ""},
      {"FROM: ", ""},
      {"<a@b.example>", "a@b.example"},
      {"a@b.example", ""},
      {"FROM: A B <a@b.example>", "a@b.example"},
      {"FROM:a@b.example", "a@b.example"},
      {"FROM:   a@b.example", "a@b.example"},
      {"FROM:a@b.example SIZE=1", "a@b.example"},
      {"FROM:<a@b.example> SIZE=1", "a@b.example"},
      {"FROM:<a@b.example", "a@b.example"},
      {"FROM:<\"a>b\"@b.example>", "a>b@b.example"},
      {"FROM:\"a b\"@b.example X", "a b@b.example"},
      {"FROM:<\"a\\\"b\"@b.example>", "a\"b@b.example"},
      {"FROM:<a\\@b\\\\@b.example>", "a@b\\@b.example"},
      {"FROM:<a\\>b@b.example>", "a>b@b.example"},
      {"FROM:<a@b.example\\", "a@b.example"},
      {"FROM:<\"a@b.example>", "a@b.example>"},
      {"FROM:<@x.example,@y.example:a@b.example>", "a@b.example"},
      {"FROM:@x.example:a@b.example", "a@b.example"},
      {"FROM:<@x.example>", ""},
      {"FROM:<a@b.example >", "a@b.example "},
      {"FROM:<#@[]>", "#@[]"},
  };
  for (const AddressCase& each : cases) {
    EXPECT_EQ(smtp_address(each.argument), each.address) << each.argument;
  }
}

TEST(SmtpParameter, BehindTheAddressOnly) {
  EXPECT_EQ(smtp_parameter("FROM:<a@b> SIZE=10 BODY=8BITMIME", "SIZE"), "10");
  EXPECT_EQ(smtp_parameter("FROM:<a@b> body=x Size=", "SIZE"), "");
  EXPECT_EQ(smtp_parameter("FROM:a@b SIZE=7", "SIZE"), "7");
  EXPECT_FALSE(smtp_parameter("FROM:<\" SIZE=5\"@b>", "SIZE"));
  EXPECT_FALSE(smtp_parameter("FROM:<a@b> SIZES=5", "SIZE"));
  EXPECT_FALSE(smtp_parameter("FROM:<a@b> SIZE", "SIZE"));
  EXPECT_FALSE(smtp_parameter("SIZE=5", "SIZE"));
  EXPECT_TRUE(has_smtp_keyword("FROM:<a@b> SIZE=5 smtputf8", "SMTPUTF8"));
  EXPECT_FALSE(has_smtp_keyword("FROM:<a@b> SMTPUTF8=1", "SMTPUTF8"));
  EXPECT_FALSE(has_smtp_keyword("FROM:<\" SMTPUTF8 \"@b>", "SMTPUTF8"));
}

TEST(DomainLiteral, DottedQuadsInBrackets) {
  EXPECT_EQ(domain_literal("x@[192.0.2.1]"), (Ipv4Octets{192, 0, 2, 1}));
  EXPECT_EQ(domain_literal("x@[127.000.00.01]"), (Ipv4Octets{127, 0, 0, 1}));
  EXPECT_EQ(domain_literal("x@y@[0.0.0.0]"), (Ipv4Octets{0, 0, 0, 0}));
  EXPECT_EQ(ipv6_domain_literal("x@[IPv6:2001:DB8::1]")->text(), "2001:db8::1");
  for (const char* other : {"x@[192.0.2.1]", "x@[2001:db8::1]", "x@[IPv6:x]", "x@y", "x"}) {
    EXPECT_FALSE(ipv6_domain_literal(other)) << other;
  }
  for (const char* address :
       {"x@127.0.0.1", "x@[127.0.0.1]x", "x@[127.0.1]", "x@[127.0.0.0.1]", "x@[IPv4:127.0.0.1]",
        "x@[256.0.0.1]", "x@[1.2.3.]", "x@[1.2.3.-4]", "x@[ 1.2.3.4]", "x@[]", "x@[", "x@]",
        "x@", "[127.0.0.1]", "", "x@[4294967297.0.0.1]", "x@[1.2.3.18446744073709551617]"}) {
    EXPECT_FALSE(domain_literal(address)) << address;
  }
}

TEST(SmtpCommand, ParametersFollowTheAddress) {
  EXPECT_EQ(smtp_parameters("FROM:<a@b> SIZE=1 BODY=7BIT"), "SIZE=1 BODY=7BIT");
  EXPECT_EQ(smtp_parameters("FROM:<\"a> b\"@c>"), "");
  EXPECT_EQ(announced_size("FROM:<a@b> SIZE=12"), 12U);
  EXPECT_EQ(announced_size("FROM:<a@b> SIZE=12x"), std::nullopt);
  EXPECT_EQ(announced_size("FROM:<a@b>"), std::nullopt);
}

}  // namespace
}  // namespace reqmail::proto
