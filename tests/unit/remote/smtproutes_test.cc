#include "remote/smtproutes.h"

#include <gtest/gtest.h>

#include "base/number.h"

namespace reqmail::remote {
namespace {

// Returns "relay port" of the route for a host, or "none".
std::string route(const std::vector<std::string>& lines, std::string_view host) {
  const auto found = SmtpRoutes(lines).find(host, "s@a.example");
  return found ? found->relay + " " + base::decimal(found->port) : "none";
}

TEST(SmtpRoutes, HostThenSuffixesThenDefault) {
  const std::vector<std::string> lines = {"one.example:a", ".one.example:b", ".example:c",
                                          ":d"};
  EXPECT_EQ(route(lines, "one.example"), "a 25");
  EXPECT_EQ(route(lines, "ONE.Example"), "a 25");
  EXPECT_EQ(route(lines, "x.one.example"), "b 25");
  EXPECT_EQ(route(lines, "x.y.one.example"), "b 25");
  EXPECT_EQ(route(lines, "two.example"), "c 25");
  EXPECT_EQ(route(lines, "other.test"), "d 25");
  EXPECT_EQ(route(lines, "nodots"), "d 25");
  EXPECT_EQ(route(lines, ""), "d 25");
  EXPECT_EQ(route({"one.example:a"}, "x.one.example"), "none");
  EXPECT_EQ(route({}, "one.example"), "none");
}

TEST(SmtpRoutes, Ports) {
  EXPECT_EQ(route({"h:relay:2525"}, "h"), "relay 2525");
  EXPECT_EQ(route({"h:relay:26x"}, "h"), "relay 26");
  for (const char* line : {"h:relay:", "h:relay:smtp", "h:relay:0", "h:relay:65536",
                           "h:relay:99999999999999999999"}) {
    EXPECT_EQ(route({line}, "h"), "relay 25") << line;
  }
  EXPECT_EQ(route({"h:[192.0.2.9]:2525"}, "h"), "[192.0.2.9] 2525");
  EXPECT_EQ(route({"h:[2001:db8::1]:2525"}, "h"), "[2001:db8::1] 2525");
  EXPECT_EQ(route({"h:[2001:db8::1]"}, "h"), "[2001:db8::1] 25");
  EXPECT_EQ(route({"h:[broken:26"}, "h"), "[broken 26");
}

TEST(SmtpRoutes, OddLines) {
  EXPECT_EQ(route({"one.example", ":d"}, "one.example"), "d 25");
  EXPECT_EQ(route({"h:", ":d"}, "h"), "none");
  EXPECT_EQ(route({"h:a", "h:b"}, "h"), "b 25");
  EXPECT_EQ(route({"h: a"}, "h"), " a 25");
  EXPECT_EQ(route({"h::26"}, "h"), " 26");
}

// Returns "relay port user password" of the part after a line's colon.
std::string parsed(std::string_view value) {
  const Route route = parse_route(value);
  return route.relay + " " + base::decimal(route.port) + " " + route.login.user + " " +
         route.login.password;
}

TEST(SmtpRoutes, Logins) {
  EXPECT_EQ(parsed("relay|joe|secret"), "relay 25 joe secret");
  EXPECT_EQ(parsed("relay:587|joe@isp|top:se|cret "), "relay 587 joe@isp top:se|cret ");
  EXPECT_EQ(parsed("[2001:db8::1]:587|joe|a b"), "[2001:db8::1] 587 joe a b");
  EXPECT_EQ(parsed("relay:465|joe|"), "relay 465 joe ");
  EXPECT_EQ(parsed("relay|joe"), "relay 25 joe ");
  EXPECT_EQ(parsed("relay||secret"), "relay 25  secret");
  EXPECT_EQ(parsed("relay|"), "relay 25  ");
  // A password is sent only to a relay.
  EXPECT_EQ(parsed("|joe|secret"), " 25  ");
  EXPECT_EQ(parsed(":587|joe|secret"), " 587  ");
  // A blank before a bar is part of the name.
  EXPECT_EQ(parsed("re lay|joe|secret"), "re lay 25 joe secret");
}

TEST(SmtpRoutes, FormsOfOtherQmails) {
  EXPECT_EQ(parsed("relay joe secret"), "relay 25 joe secret");
  EXPECT_EQ(parsed("relay:587\tjoe  se cret"), "relay 587 joe se cret");
  EXPECT_EQ(parsed("relay;587"), "relay 587  ");
  EXPECT_EQ(parsed("2001:db8::1;587|joe|secret"), "2001:db8::1 587 joe secret");
  EXPECT_EQ(parsed("relay;0"), "relay 25  ");
  // As in netqmail, blanks and semicolons are part of a name.
  EXPECT_EQ(parsed("relay joe"), "relay joe 25  ");
  EXPECT_EQ(parsed(" relay joe secret"), " relay joe secret 25  ");
  EXPECT_EQ(parsed("relay;x"), "relay;x 25  ");
  EXPECT_EQ(parsed("relay;"), "relay; 25  ");
  EXPECT_EQ(parsed("a;b:26"), "a;b 26  ");
}

TEST(SmtpRoutes, TheEmptySender) {
  const auto relay = [](const std::vector<std::string>& lines, std::string_view sender) {
    const auto found = SmtpRoutes(lines).find("h.example", sender);
    return found ? found->relay : "none";
  };
  EXPECT_EQ(relay({"!@:bounces", "h.example:a"}, ""), "bounces");
  EXPECT_EQ(relay({"!@:bounces", "h.example:a"}, "s@a.example"), "a");
  EXPECT_EQ(relay({"!@:bounces"}, "s@a.example"), "none");
  EXPECT_EQ(relay({"h.example:a"}, ""), "a");
  EXPECT_EQ(relay({"!@:"}, ""), "none");
}

TEST(SenderRoutes, TheWholeAddressThenTheLongestRest) {
  const std::vector<std::string> lines = {"joe.x@a.example:whole", "@a.example:at",
                                          ".x@b.example:part", ".example:top", ":all"};
  const auto relay = [&lines](std::string_view sender) {
    const auto found = SenderRoutes(lines).find(sender);
    return found ? found->relay : "none";
  };
  EXPECT_EQ(relay("Joe.X@A.example"), "whole");
  EXPECT_EQ(relay("jim.x@a.example"), "at");
  EXPECT_EQ(relay("jim.x@b.example"), "part");
  EXPECT_EQ(relay("jim@b.example"), "top");
  EXPECT_EQ(relay("jim@b.test"), "all");
  EXPECT_EQ(relay(""), "all");
  EXPECT_FALSE(SenderRoutes({"@other:a"}).find("s@a.example"));
  EXPECT_FALSE(SenderRoutes({"s@a.example:", ":x"}).find("s@a.example"));
  EXPECT_FALSE(SenderRoutes().find(""));
}

}  // namespace
}  // namespace reqmail::remote
