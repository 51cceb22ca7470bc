#include "dnscheck/server_certificates.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "sys/clock.h"
#include "tests/unit/support/control_home.h"
#include "tls/make.h"
#include "tls/pem_file.h"

namespace reqmail::dnscheck {
namespace {

class ServerCertificatesTest : public tests::ControlHome {
 protected:
  // Writes a certificate with its key.
  void certificate(const std::string& path, const std::string& name) {
    const auto key = tls::make_key(tls::KeyKind::ec_p256);
    const auto made = tls::make_self_signed(*key, {name}, {now_, now_ + base::Seconds(600)});
    testing::put_file(path, *made + *key, 0600);
  }

  void certificate_for(const std::string& name) {
    (void)::mkdir("control/servercerts", 0700);
    ASSERT_EQ(::mkdir(("control/servercerts/" + name).c_str(), 0700), 0);
    certificate("control/servercerts/" + name + "/servercert.pem", name);
  }

  base::Time now_ = sys::now();
};

TEST_F(ServerCertificatesTest, None) {
  const auto all = read_server_certificates(now_);
  EXPECT_EQ(all.trouble, "");
  EXPECT_EQ(all.find("mx.example"), nullptr);
}

TEST_F(ServerCertificatesTest, TheOneForTheName) {
  certificate("control/servercert.pem", "host.example");
  certificate_for("mx.example");
  certificate_for("Other.example");
  const auto all = read_server_certificates(now_);
  EXPECT_EQ(all.named.size(), 1U);
  ASSERT_NE(all.find("mx.example"), nullptr);
  EXPECT_EQ(all.find("mx.example")->path, "control/servercerts/mx.example/servercert.pem");
  EXPECT_EQ(all.find("mx.example")->names, std::vector<std::string>{"mx.example"});
  ASSERT_NE(all.find("other.example"), nullptr);
  EXPECT_EQ(all.find("other.example")->path, "control/servercert.pem");
  EXPECT_EQ(all.find("other.example")->chain.size(), 1U);
}

TEST_F(ServerCertificatesTest, WhatAServerCannotUse) {
  certificate("control/servercert.pem", "host.example");
  certificate_for("mx.example");
  testing::put_file("control/servercerts/mx.example/servercert.pem", "no PEM\n", 0600);
  EXPECT_EQ(read_server_certificates(now_).find("mx.example")->path, "control/servercert.pem");
  testing::put_file("control/servercert.pem", "no PEM\n", 0600);
  const auto all = read_server_certificates(now_);
  EXPECT_EQ(all.find("mx.example"), nullptr);
  EXPECT_EQ(all.trouble,
            "unable to use control/servercert.pem: it needs a certificate and its key");
}

const ServerCertificate kCertificate = {"control/servercert.pem",
                                        {{"leaf", "leaf key"}, {"authority", "authority key"}},
                                        {"*.d.example"}};

TEST(Describes, TheServerItself) {
  EXPECT_TRUE(describes({3, 0, 0, "leaf"}, kCertificate, "other.example"));
  EXPECT_TRUE(describes({3, 1, 0, "leaf key"}, kCertificate, "mx.d.example"));
  EXPECT_FALSE(describes({3, 0, 0, "authority"}, kCertificate, "mx.d.example"));
}

TEST(Describes, AnAuthorityOfItsOwn) {
  EXPECT_TRUE(describes({2, 0, 0, "authority"}, kCertificate, "mx.d.example"));
  EXPECT_FALSE(describes({2, 0, 0, "authority"}, kCertificate, "d.example"));
  EXPECT_FALSE(describes({2, 0, 0, "leaf"}, kCertificate, "mx.d.example"));
}

TEST(Describes, UsagesThatMailDoesNotHave) {
  EXPECT_FALSE(describes({1, 0, 0, "leaf"}, kCertificate, "mx.d.example"));
  EXPECT_FALSE(describes({0, 0, 0, "authority"}, kCertificate, "mx.d.example"));
}

}  // namespace
}  // namespace reqmail::dnscheck
