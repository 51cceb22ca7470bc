#include "remote/settings.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "mail/idna.h"
#include "tests/unit/support/control_home.h"
#include "tests/unit/support/with_libidn2.h"

namespace reqmail::remote {
namespace {

using base::Seconds;

using RemoteSettings = tests::ControlHome;

TEST_F(RemoteSettings, Defaults) {
  control("me", "host.example\n");
  const auto settings = read_remote_settings();
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->hello, "host.example");
  EXPECT_EQ(settings->timeout, Seconds(1200));
  EXPECT_EQ(settings->connect_timeout, Seconds(60));
  EXPECT_EQ(settings->session, Seconds(86400));
  EXPECT_FALSE(settings->routes.find("h.example", "s"));
}

TEST_F(RemoteSettings, WhatTheFilesSay) {
  control("me", "host.example\n");
  control("helohost", "mx.example \t\nsecond\n");
  control("timeoutremote", "30 seconds\n");
  control("timeoutconnect", "0\n");
  control("timeoutsession", "600");
  control("smtproutes", "# all\n:relay.example:26\n");
  const auto settings = read_remote_settings();
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->hello, "mx.example");
  EXPECT_EQ(settings->timeout, Seconds(30));
  EXPECT_EQ(settings->connect_timeout, Seconds(0));
  EXPECT_EQ(settings->session, Seconds(600));
  EXPECT_EQ(settings->routes.find("h.example", "s")->port, 26);
}

TEST_F(RemoteSettings, RoutesHaveALabelsWithSmtpUtf8) {
  control("me", "host.example\n");
  control("smtproutes", "b\u00fccher.example:relay.example:26\n");
  control("authsenders", "@b\u00fccher.example:relay.example:27\n");
  control("domainbindings", "b\u00fccher.example:192.0.2.9\n");
  auto settings = read_remote_settings();
  ASSERT_TRUE(settings);
  EXPECT_FALSE(settings->delivery.addresses.utf8);
  EXPECT_FALSE(settings->routes.find("xn--bcher-kva.example", "s"));
  control("smtputf8", "1\n");
  settings = read_remote_settings();
  ASSERT_TRUE(settings);
  EXPECT_TRUE(settings->delivery.addresses.utf8);
  if (mail::can_convert_u_labels()) {
    EXPECT_EQ(settings->routes.find("xn--bcher-kva.example", "s")->port, 26);
    EXPECT_EQ(settings->sender_routes.find("x@xn--bcher-kva.example")->port, 27);
    EXPECT_TRUE(settings->delivery.addresses.sources.find("x@xn--bcher-kva.example")->v4);
  }
}

TEST_F(RemoteSettings, NumbersOutOfRange) {
  control("me", "host.example\n");
  control("timeoutremote", "99999999999999999999999\n");
  for (const char* text : {"0\n", "86401\n", "99999999999999999999999\n", "x\n", ""}) {
    control("timeoutsession", text);
    const auto settings = read_remote_settings();
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->session, Seconds(86400)) << text;
    EXPECT_EQ(settings->timeout, Seconds(2147483647));
  }
}

TEST_F(RemoteSettings, WithoutANameNothingIsSent) {
  EXPECT_EQ(read_remote_settings().error().text, "Unable to read control files. (#4.3.0)");
  control("helohost", "mx.example\n");
  EXPECT_TRUE(read_remote_settings());
}

TEST_F(RemoteSettings, EveryFileMustBeReadable) {
  control("me", "host.example\n");
  for (const char* name : {"helohost", "timeoutremote", "timeoutconnect", "timeoutsession",
                           "smtproutes", "authsenders"}) {
    const std::string path = std::string("control/") + name;
    ASSERT_EQ(::mkdir(path.c_str(), 0755), 0);
    EXPECT_FALSE(read_remote_settings()) << name;
    ASSERT_EQ(::rmdir(path.c_str()), 0);
  }
  EXPECT_TRUE(read_remote_settings());
}

}  // namespace
}  // namespace reqmail::remote
