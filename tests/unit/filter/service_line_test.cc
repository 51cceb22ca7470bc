// Lines of smtpdmilters and smtpdpolicy.
#include "filter/service_line.h"

#include <gtest/gtest.h>

namespace reqmail::filter {
namespace {

Result<ServiceLine> milter(std::string_view line) {
  return parse_service_line(line, milter_fallbacks());
}

TEST(ServiceLine, Places) {
  const auto path = milter("unix:/run/a.sock");
  ASSERT_TRUE(path.has_value());
  EXPECT_EQ(path->kind, ServiceLine::Kind::unix_socket);
  EXPECT_EQ(path->host, "/run/a.sock");
  EXPECT_EQ(path->place, "unix:/run/a.sock");
  EXPECT_EQ(path->fallback, "tempfail");
  EXPECT_FALSE(path->timeout.has_value());
  const auto inet = milter("inet:localhost:8891");
  ASSERT_TRUE(inet.has_value());
  EXPECT_EQ(inet->kind, ServiceLine::Kind::inet);
  EXPECT_EQ(inet->host, "localhost");
  EXPECT_EQ(inet->port, 8891);
  for (const std::string_view v6 : {"inet6:::1:25", "inet6:[::1]:25"}) {
    const auto inet6 = milter(v6);
    ASSERT_TRUE(inet6.has_value());
    EXPECT_EQ(inet6->kind, ServiceLine::Kind::inet6);
    EXPECT_EQ(inet6->host, "::1");
  }
}

TEST(ServiceLine, Options) {
  const auto line = milter("unix:/a,timeout=2,default=reject");
  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(line->fallback, "reject");
  EXPECT_EQ(line->timeout, base::Seconds(2));
  EXPECT_EQ(line->place, "unix:/a");
  EXPECT_EQ(parse_service_line("unix:/a", policy_fallbacks())->fallback, "dunno");
  EXPECT_TRUE(parse_service_line("unix:/a,default=defer", policy_fallbacks()).has_value());
}

TEST(ServiceLine, WhatMakesNoSense) {
  for (const std::string_view bad :
       {"", "/run/a.sock", "unix:", "unix:a", "inet:host", "inet:host:", "inet::25",
        "inet:host:0", "inet:host:65536", "inet:host:smtp", "tcp:host:25",
        "unix:/a,default=dunno", "unix:/a,default", "unix:/a,timeout=0", "unix:/a,timeout=x",
        "unix:/a,timeout", "unix:/a,retries=3", "unix:/a,"}) {
    EXPECT_FALSE(milter(bad).has_value()) << bad;
  }
  EXPECT_FALSE(milter("unix:/" + std::string(107, 'x')).has_value());
}

TEST(ServiceLine, LinesThatMakeNoSenseAreLeftOutAndNamed) {
  std::vector<std::string> faults;
  const auto lines = parse_service_lines({"unix:/a", "tcp:b:1", "inet:c:2"},
                                         "control/smtpdmilters", milter_fallbacks(), faults);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1].place, "inet:c:2");
  EXPECT_EQ(faults, std::vector<std::string>{"control/smtpdmilters: bad line: tcp:b:1 "
                                             "(neither unix: nor inet: nor inet6:)"});
}

}  // namespace
}  // namespace reqmail::filter
