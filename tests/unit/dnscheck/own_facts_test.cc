#include "dnscheck/own_facts.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "crypto/private_key.h"
#include "tests/unit/support/control_home.h"

namespace reqmail::dnscheck {
namespace {

class OwnFactsTest : public tests::ControlHome {};

base::IpAddress address(const char* text) {
  return *base::IpAddress::parse(text);
}

TEST_F(OwnFactsTest, NamedAddressesHaveTheNamesThatAreSaidThere) {
  control("me", "mail.d.example\n");
  control("helohost", "Hello.example\n");
  control("helohostbyip", "192.0.2.2:Two.example\n");
  const auto host = read_host({address("192.0.2.1"), address("192.0.2.2")});
  ASSERT_TRUE(host);
  EXPECT_EQ(host->name, "mail.d.example");
  ASSERT_EQ(host->addresses.size(), 2U);
  EXPECT_EQ(host->addresses[0].hello, "hello.example");
  EXPECT_EQ(host->addresses[1].hello, "two.example");
}

TEST_F(OwnFactsTest, AddressesOfControlFiles) {
  control("me", "mail.d.example\n");
  control("outgoingip", "192.0.2.7\n");
  control("moreipme", "192.0.2.8\n2001:db8::8\n192.0.2.16/28\n");
  control("ipversions", "46\n");
  const auto host = read_host({});
  ASSERT_TRUE(host);
  std::vector<std::string> shown;
  for (const SendingAddress& one : host->addresses) {
    shown.push_back(one.address.text());
  }
  // Those of the interfaces, if they are public, come between.
  EXPECT_EQ(shown.front(), "192.0.2.7");
  EXPECT_EQ(shown.back(), "2001:db8::8");
  EXPECT_EQ(std::find(shown.begin(), shown.end(), "192.0.2.8"), shown.end());
  EXPECT_NE(std::find(host->own.begin(), host->own.end(), address("192.0.2.8")),
            host->own.end());
}

TEST_F(OwnFactsTest, WhetherMailIsAccepted) {
  control("me", "mail.d.example\n");
  control("locals", "local.example\n");
  control("rcpthosts", "Accepted.example\n.below.example\n");
  control("virtualdomains", "virtual.example:joe\n");
  const Host host;
  for (const char* domain :
       {"local.example", "accepted.example", "a.below.example", "virtual.example"}) {
    EXPECT_TRUE(read_subject(domain, host)->receives) << domain;
  }
  for (const char* domain : {"below.example", "other.example", "xlocal.example"}) {
    EXPECT_FALSE(read_subject(domain, host)->receives) << domain;
  }
}

TEST_F(OwnFactsTest, Keys) {
  control("me", "mail.d.example\n");
  ASSERT_EQ(::mkdir("control/domainkeys", 0700), 0);
  ASSERT_EQ(::mkdir("control/domainkeys/d.example", 0700), 0);
  const auto key = crypto::PrivateKey::generate(crypto::KeyKind::ed25519, 0);
  ASSERT_TRUE(key);
  testing::put_file("control/domainkeys/d.example/default", key->pem(), 0600);
  const auto subject = read_subject("d.example", Host());
  ASSERT_TRUE(subject);
  EXPECT_EQ(subject->key_trouble, "");
  ASSERT_EQ(subject->keys.size(), 1U);
  EXPECT_EQ(subject->keys[0].selector, "default");
  EXPECT_FALSE(subject->keys[0].rsa);
  EXPECT_EQ(subject->keys[0].public_bytes, key->public_bytes());
  EXPECT_TRUE(subject->keys[0].zone_line.starts_with("default._domainkey.d.example. IN TXT"));
  ASSERT_EQ(::chmod("control/domainkeys/d.example/default", 0666), 0);
  EXPECT_TRUE(read_subject("d.example", Host())
                  ->key_trouble.starts_with("control/domainkeys/d.example/default: "));
}

TEST_F(OwnFactsTest, WhatCannotBeRead) {
  control("me", "mail.d.example\n");
  make_unreadable("helohost");
  EXPECT_EQ(read_host({}).error().text, "unable to read control/helohost");
}

TEST_F(OwnFactsTest, DefaultDomain) {
  control("me", "Mail.d.example\n");
  EXPECT_EQ(*default_domain(), "mail.d.example");
  control("defaulthost", "D.example\n");
  EXPECT_EQ(*default_domain(), "d.example");
}

}  // namespace
}  // namespace reqmail::dnscheck
