// What the servers read from control files.
#include "smtpd/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace reqmail::smtpd {
namespace {

// A home of its own, as the current directory.
class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(home_.data()), nullptr);
    ASSERT_EQ(::chdir(home_.c_str()), 0);
    ASSERT_EQ(::mkdir("control", 0755), 0);
    put("me", "host.example\n");
  }

  void TearDown() override {
    (void)!::chdir("/");
    (void)!std::system(("rm -rf " + home_).c_str());
  }

  static void put(const std::string& name, std::string_view text) {
    std::ofstream("control/" + name, std::ios::binary) << text;
  }

  std::string home_ = "/tmp/smtpd-files-test.XXXXXX";
};

TEST_F(Files, HideclientIsANumberThatIsOffByDefault) {
  EXPECT_FALSE(load_smtpd_files()->hide_client);
  for (const char* text : {"", "\n", "0\n", "yes\n", "-1\n", "# 1\n"}) {
    put("hideclient", text);
    EXPECT_FALSE(load_smtpd_files()->hide_client) << text;
  }
  for (const char* text : {"1", "1\n", "2 and more\n", "18446744073709551615\n"}) {
    put("hideclient", text);
    EXPECT_TRUE(load_smtpd_files()->hide_client) << text;
  }
}

TEST_F(Files, WhatCannotBeReadIsAFailure) {
  ASSERT_EQ(::mkdir("control/hideclient", 0755), 0);
  const auto files = load_smtpd_files();
  ASSERT_FALSE(files.has_value());
  EXPECT_EQ(files.error().text, "unable to read controls (#4.3.0)");
}

}  // namespace
}  // namespace reqmail::smtpd
