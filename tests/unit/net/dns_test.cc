#include "net/dns.h"

#include <gtest/gtest.h>

#include "base/number.h"
#include "net/dns_servers.h"
#include "tests/unit/support/fake_dns.h"

namespace reqmail::net {
namespace {

using test::a_record;
using test::cname_record;
using test::FakeDns;
using test::mx_record;

DnsName name(std::string_view text) {
  return *DnsName::from_text(text);
}

std::vector<std::string> texts(const Lookup<base::IpAddress>& lookup) {
  std::vector<std::string> found;
  for (const base::IpAddress& address : lookup.records) {
    found.push_back(address.text());
  }
  return found;
}

TEST(Dns, AddressesInOrder) {
  FakeDns server;
  server.add("A h.example",
             {a_record("h.example", "192.0.2.2"), a_record("H.EXAMPLE", "192.0.2.1")});
  const auto found = Dns(server).addresses(name("h.example"), base::Family::v4);
  EXPECT_EQ(found.status, LookupStatus::found);
  EXPECT_EQ(texts(found), (std::vector<std::string>{"192.0.2.2", "192.0.2.1"}));
}

TEST(Dns, RecordsOfOtherNamesDoNotCount) {
  FakeDns server;
  server.add("A h.example", {a_record("evil.example", "192.0.2.66")});
  EXPECT_EQ(Dns(server).addresses(name("h.example"), base::Family::v4).status,
            LookupStatus::nothing);
}

TEST(Dns, NoSuchNameAndNoRecordsAreNothing) {
  FakeDns server;
  server.add("A empty.example", {});
  EXPECT_EQ(Dns(server).addresses(name("gone.example"), base::Family::v4).status,
            LookupStatus::nothing);
  EXPECT_EQ(Dns(server).addresses(name("empty.example"), base::Family::v4).status,
            LookupStatus::nothing);
}

TEST(Dns, TroubleIsTemporary) {
  FakeDns server;
  server.add("A fail.example", {}, test::kServerFailure);
  server.add("A refused.example", {}, test::kRefused);
  server.add_silence("A silent.example");
  for (const char* host : {"fail.example", "refused.example", "silent.example"}) {
    EXPECT_EQ(Dns(server).addresses(name(host), base::Family::v4).status,
              LookupStatus::temporary)
        << host;
  }
}

TEST(Dns, AliasesInsideAnAnswer) {
  FakeDns server;
  server.add("A a.example",
             {a_record("c.example", "192.0.2.3"), cname_record("b.example", "C.example"),
              cname_record("a.example", "b.example")});
  const auto found = Dns(server).addresses(name("a.example"), base::Family::v4);
  EXPECT_EQ(texts(found), std::vector<std::string>{"192.0.2.3"});
  EXPECT_EQ(server.asked.size(), 1U);
}

TEST(Dns, AliasesAcrossAnswers) {
  FakeDns server;
  server.add("A a.example", {cname_record("a.example", "b.example")});
  server.add("A b.example", {cname_record("b.example", "c.example")});
  server.add("A c.example", {a_record("c.example", "192.0.2.3")});
  EXPECT_EQ(texts(Dns(server).addresses(name("a.example"), base::Family::v4)),
            std::vector<std::string>{"192.0.2.3"});
}

TEST(Dns, AliasOfNothingLeadsNowhere) {
  FakeDns server;
  server.add("A a.example", {cname_record("a.example", "gone.example")});
  EXPECT_EQ(Dns(server).addresses(name("a.example"), base::Family::v4).status,
            LookupStatus::leads_nowhere);
}

TEST(Dns, AliasOfTroubleIsTemporary) {
  FakeDns server;
  server.add("A a.example", {cname_record("a.example", "b.example")});
  server.add("A b.example", {}, test::kServerFailure);
  EXPECT_EQ(Dns(server).addresses(name("a.example"), base::Family::v4).status,
            LookupStatus::temporary);
}

TEST(Dns, AliasLoopsAndEndlessChainsAreTemporary) {
  FakeDns server;
  server.add("A self.example", {cname_record("self.example", "self.example")});
  server.add("A ping.example", {cname_record("ping.example", "pong.example"),
                                cname_record("pong.example", "ping.example")});
  for (std::uint64_t i = 0; i < 40; ++i) {
    const std::string from = "n" + base::decimal(i) + ".example";
    server.add("A " + from, {cname_record(from, "n" + base::decimal(i + 1) + ".example")});
  }
  for (const char* host : {"self.example", "ping.example", "n0.example"}) {
    EXPECT_EQ(Dns(server).addresses(name(host), base::Family::v4).status,
              LookupStatus::temporary)
        << host;
  }
  EXPECT_LT(server.asked.size(), 25U);
}

TEST(Dns, MailExchangers) {
  FakeDns server;
  server.add("MX h.example",
             {mx_record("h.example", 20, "b.example"), mx_record("h.example", 0, "")});
  const auto found = Dns(server).mail_exchangers(name("h.example"));
  ASSERT_EQ(found.records.size(), 2U);
  EXPECT_EQ(found.records[0].preference, 20);
  EXPECT_EQ(found.records[0].host.text(), "b.example");
  EXPECT_TRUE(found.records[1].host.root());
}

TEST(Dns, NamesOfAnAddress) {
  FakeDns server;
  server.add("PTR 99.2.0.192.in-addr.arpa",
             {test::ptr_record("99.2.0.192.in-addr.arpa", "Mail.Example.ORG")});
  EXPECT_EQ(Dns(server).names(*base::IpAddress::parse("192.0.2.99")).records,
            std::vector<std::string>{"mail.example.org"});
}

TEST(Dns, ANameWithOtherBytesIsNone) {
  FakeDns server;
  const std::string owner = "1.2.0.192.in-addr.arpa";
  const auto pointer = [&owner](std::string_view target) {
    return test::ptr_record(owner, target);
  };
  server.add("PTR " + owner,
             {pointer("a\x1b[2J.example"), pointer("a b.example"), pointer("a\nb.example"),
              pointer("A_1-b.example"), pointer("caf\xe9.example")});
  EXPECT_EQ(Dns(server).names(*base::IpAddress::parse("192.0.2.1")).records,
            std::vector<std::string>{"a_1-b.example"});
  server.add("PTR " + owner, {pointer("a;b.example")});
  const auto none = Dns(server).names(*base::IpAddress::parse("192.0.2.1"));
  EXPECT_EQ(none.status, LookupStatus::nothing);
  EXPECT_TRUE(none.records.empty());
  EXPECT_FALSE(is_host_name(""));
}

TEST(Dns, TlsaRecords) {
  test::FakeDns server;
  constexpr unsigned kVerified = 0x20;
  const std::string data(32, 'x');
  const auto name = *DnsName::from_text("_25._tcp.mx.example");
  server.add("TLSA _25._tcp.mx.example",
             {test::resource_record("_25._tcp.mx.example", 52, "\x03\x01\x01" + data),
              test::resource_record("_25._tcp.mx.example", 52, "\x03\x01")},
             0, kVerified);
  const Dns dns(server);
  const auto found = dns.tlsa_records(name);
  EXPECT_EQ(found.status, LookupStatus::found);
  EXPECT_TRUE(found.authenticated);
  EXPECT_EQ(found.records, (std::vector<base::TlsaRecord>{{3, 1, 1, data}}));
  EXPECT_EQ(dns.tlsa_records(*DnsName::from_text("x")).status, LookupStatus::nothing);
}

// An answer counts as verified if each of the answers on the way is.
TEST(Dns, VerifiedAnswersAndTheEndOfAliases) {
  test::FakeDns server;
  constexpr unsigned kVerified = 0x20;
  server.add("A alias", {test::cname_record("alias", "real")}, 0, kVerified);
  server.add("A real", {test::a_record("real", "192.0.2.1")});
  const Dns dns(server);
  const auto mixed = dns.addresses(*DnsName::from_text("alias"), base::Family::v4);
  EXPECT_FALSE(mixed.authenticated);
  EXPECT_EQ(mixed.name.text(), "real");
  server.add("A real", {test::a_record("real", "192.0.2.1")}, 0, kVerified);
  EXPECT_TRUE(dns.addresses(*DnsName::from_text("alias"), base::Family::v4).authenticated);
}

TEST(DnsServers, OnThisHost) {
  const auto at = [](const char* text) { return Endpoint{*base::IpAddress::parse(text), 53}; };
  DnsServers servers;
  servers.servers = {at("127.0.0.53"), at("::1")};
  EXPECT_TRUE(all_on_this_host(servers));
  servers.servers.push_back(at("192.0.2.53"));
  EXPECT_FALSE(all_on_this_host(servers));
}

}  // namespace
}  // namespace reqmail::net
