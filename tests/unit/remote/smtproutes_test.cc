#include "remote/smtproutes.h"

#include <gtest/gtest.h>

#include "base/number.h"

namespace reqmail::remote {
namespace {

// "relay port" of the route for a host, "none" without one.
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

}  // namespace
}  // namespace reqmail::remote
