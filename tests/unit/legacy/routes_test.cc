#include "legacy/routes.h"

#include <gtest/gtest.h>

#include "legacy/sender_lists.h"

namespace reqmail::legacy {
namespace {

TEST(Routes, OwnFormsStayAsTheyAre) {
  for (const char* line : {"example.org:relay.example.org", ":relay:26", "a:b:587|u|p|w",
                           "a:", "nothing", "x:[2001:db8::1]:26", "a:[192.0.2.1]|u|p"}) {
    const Route route = read_route(line);
    EXPECT_EQ(route.line, line);
    EXPECT_TRUE(route.form == RouteForm::plain || route.form == RouteForm::bars) << line;
  }
  EXPECT_TRUE(read_route("a:b|u|p").credentials);
  EXPECT_FALSE(read_route("a:b").credentials);
}

TEST(Routes, BlanksBecomeBars) {
  const Route route = read_route("example.org:relay.example.org:587 joe  s3cr|t");
  EXPECT_EQ(route.form, RouteForm::bars) << "a bar in it: nobody knows what is meant";
  const Route plain = read_route("example.org:relay:587 joe \t secret");
  EXPECT_EQ(plain.form, RouteForm::blanks);
  EXPECT_EQ(plain.line, "example.org:relay:587|joe|secret");
  EXPECT_EQ(plain.relay, "relay");
  EXPECT_EQ(plain.port, "587");
  EXPECT_TRUE(plain.credentials);
  EXPECT_EQ(read_route(":[2001:db8::1]:26 u p").line, ":[2001:db8::1]:26|u|p");
}

TEST(Routes, SemicolonsBecomeColons) {
  EXPECT_EQ(read_route("a:relay;587|u|p").line, "a:relay:587|u|p");
  EXPECT_EQ(read_route("a:relay;26").line, "a:relay:26");
  EXPECT_EQ(read_route("a:relay;26").form, RouteForm::semicolon);
}

TEST(Routes, WhatCannotBeSaid) {
  EXPECT_EQ(read_route("!@:relay").form, RouteForm::null_sender);
  EXPECT_EQ(read_route("a:relay:25:5:10").form, RouteForm::flags);
  EXPECT_EQ(read_route("a:relay u p /token").form, RouteForm::flags);
  EXPECT_EQ(read_route("a:relay u").form, RouteForm::flags);
  EXPECT_EQ(read_route("a:relay u").line, "a:relay u");
}

TEST(Routes, AFileKeepsAllElse) {
  const RoutesText routes = convert_routes("# a:b u p\n\na:b \nc:d u p\nlast:e;26");
  EXPECT_EQ(routes.text, "# a:b u p\n\na:b \nc:d|u|p\nlast:e:26\n");
  EXPECT_TRUE(routes.changed);
  EXPECT_EQ(routes.routes.size(), 3U);
  EXPECT_FALSE(convert_routes("a:b\n").changed);
  EXPECT_EQ(convert_routes("").text, "");
}

TEST(Routes, NamesOfRelays) {
  EXPECT_EQ(relay_file_name("Relay.Example.ORG."), "relay.example.org");
  for (const char* none : {"", "[192.0.2.1]", "192.0.2.1", "a/b", ".hidden", "../x", "a b"}) {
    EXPECT_EQ(relay_file_name(none), "") << none;
  }
  for (const char* here : {"127.0.0.1", "[127.9.9.9]", "localhost", "LocalHost", "[::1]"}) {
    EXPECT_TRUE(is_loopback(here)) << here;
  }
  EXPECT_FALSE(is_loopback("[192.0.2.1]"));
  EXPECT_FALSE(is_loopback("localhost.example.org"));
}

TEST(RegexLists, Classes) {
  const SenderLists lists =
      classify_senders({"a@b.c", "@b.c", "!a@b", "^x@y", "a|b@c", "(a)@b", "[ab]@c", "x*@y",
                        "a$@b", "a\\.b@c", ".b.c", "fragment", "a+b@c.d", "a-b_c@d"});
  EXPECT_EQ(lists.expressions.size(), 8U);
  EXPECT_EQ(lists.suffixes, std::vector<std::string>{".b.c"});
  EXPECT_EQ(lists.fragments, std::vector<std::string>{"fragment"});
  EXPECT_EQ(lists.exact, 4U);
}

}  // namespace
}  // namespace reqmail::legacy
