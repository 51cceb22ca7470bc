// The settings that the servers read from control files.
#include "smtpd/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "tests/unit/support/control_home.h"

namespace reqmail::smtpd {
namespace {

class Files : public tests::ControlHome {
 protected:
  void SetUp() override { control("me", "host.example\n"); }
};

TEST_F(Files, HideclientIsANumberThatIsOffByDefault) {
  EXPECT_FALSE(load_smtpd_files()->hide_client);
  for (const char* text : {"", "\n", "0\n", "yes\n", "-1\n", "# 1\n"}) {
    control("hideclient", text);
    EXPECT_FALSE(load_smtpd_files()->hide_client) << text;
  }
  for (const char* text : {"1", "1\n", "2 and more\n", "18446744073709551615\n"}) {
    control("hideclient", text);
    EXPECT_TRUE(load_smtpd_files()->hide_client) << text;
  }
}

TEST_F(Files, WhatCannotBeReadIsAFailure) {
  make_unreadable("hideclient");
  const auto files = load_smtpd_files();
  ASSERT_FALSE(files.has_value());
  EXPECT_EQ(files.error().text, "unable to read controls (#4.3.0)");
}

}  // namespace
}  // namespace reqmail::smtpd
