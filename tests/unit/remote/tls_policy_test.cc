#include "remote/tls_policy.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace reqmail::remote {
namespace {

TEST(PolicyName, WhatAFileMayBeCalled) {
  EXPECT_EQ(policy_name("MX.b_1.Example-2."), "mx.b_1.example-2");
  EXPECT_EQ(policy_name(std::string(255, 'a')).size(), 255U);
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".mx"), std::string("../mx"),
        std::string("a/b"), std::string("a b"), std::string("mx\n"), std::string("a\0b", 3),
        std::string("\xff.example"), std::string("192.0.2.1"), std::string("[192.0.2.1]"),
        std::string("2001:db8::1"), std::string(256, 'a')}) {
    EXPECT_EQ(policy_name(bad), "") << bad;
  }
}

class Policy : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/tmp/reqmail-policy.XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    home_ = name;
    ASSERT_EQ(::chdir(home_.c_str()), 0);
  }

  void TearDown() override {
    ASSERT_EQ(::chdir("/"), 0);
    EXPECT_EQ(::system(("rm -rf " + home_).c_str()), 0);
  }

  static void file(const std::string& folder, const std::string& name) {
    ::mkdir("control", 0755);
    ::mkdir(("control/" + folder).c_str(), 0755);
    std::ofstream("control/" + folder + "/" + name) << "";
  }

 private:
  std::string home_;
};

TEST_F(Policy, WithoutFilesWhateverIsOffered) {
  for (const char* name : {"mx.example", ""}) {
    const TlsPolicy policy = find_tls_policy(name);
    EXPECT_EQ(policy.name, name);
    EXPECT_FALSE(policy.trusted);
    EXPECT_TRUE(policy.starttls);
    EXPECT_FALSE(policy.clear);
  }
}

TEST_F(Policy, FilesOfAServer) {
  file("notlshosts", "mx.example");
  EXPECT_TRUE(find_tls_policy("mx.example").clear);
  EXPECT_FALSE(find_tls_policy("mx.example").starttls);
  EXPECT_TRUE(find_tls_policy("other.example").starttls);
  file("tlshosts", "exhaustivelist");
  EXPECT_FALSE(find_tls_policy("other.example").starttls);
  EXPECT_FALSE(find_tls_policy("other.example").clear);
  EXPECT_FALSE(find_tls_policy("").starttls);
  file("tlshosts", "mx.example.pem");
  const TlsPolicy policy = find_tls_policy("mx.example");
  EXPECT_EQ(policy.trusted, "control/tlshosts/mx.example.pem");
  EXPECT_TRUE(policy.starttls);
  EXPECT_FALSE(policy.clear);
}

// Otherwise a wrong file mode would let mail be sent in clear.
TEST_F(Policy, WhatCannotBeLookedAtIsThere) {
  file("tlshosts", "x");
  ASSERT_EQ(::symlink("loop.pem", "control/tlshosts/loop.pem"), 0);
  EXPECT_TRUE(find_tls_policy("loop").trusted);
}

}  // namespace
}  // namespace reqmail::remote
