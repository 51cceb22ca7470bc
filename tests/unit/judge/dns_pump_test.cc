#include "judge/dns_pump.h"

#include <gtest/gtest.h>

#include "auth822/spf_check.h"
#include "judge/spf.h"
#include "sys/clock.h"
#include "tests/unit/support/fake_dns.h"
#include "tests/unit/support/loopback_dns.h"

namespace reqmail::judge {
namespace {

using auth822::DnsStatus;
using auth822::RecordType;
using auth822::SpfWord;

net::DnsFinding finding(net::DnsType type, std::vector<net::DnsRecord> records) {
  return {*net::DnsName::from_text("X.Example"), type, net::LookupStatus::found,
          std::move(records), false};
}

TEST(DnsPump, FindingsBecomeFacts) {
  net::DnsRecord first;
  first.preference = 20;
  first.name = *net::DnsName::from_text("b.example");
  net::DnsRecord second;
  second.preference = 10;
  second.name = *net::DnsName::from_text("A.example");
  const auto facts = to_facts(finding(net::DnsType::mx, {first, second}));
  EXPECT_EQ(facts.status, DnsStatus::found);
  EXPECT_EQ(facts.names, (std::vector<std::string>{"a.example", "b.example"}));
  net::DnsRecord text;
  text.text = "v=spf1";
  EXPECT_EQ(to_facts(finding(net::DnsType::txt, {text})).texts,
            (std::vector<std::string>{"v=spf1"}));
  EXPECT_FALSE(facts.authenticated);
  net::DnsRecord tlsa;
  tlsa.data = "\x03\x01\x01 digest";
  net::DnsRecord cut;
  cut.data = "\x03\x01";
  auto verified = finding(net::DnsType::tlsa, {tlsa, cut});
  verified.authenticated = true;
  EXPECT_EQ(to_facts(verified).tlsa, (std::vector<base::TlsaRecord>{{3, 1, 1, " digest"}}));
  EXPECT_TRUE(to_facts(verified).authenticated);
  EXPECT_EQ(to_question(finding(net::DnsType::txt, {})),
            auth822::question(RecordType::txt, "x.example"));
}

// It is known that the record does not exist, so this is not an error.
TEST(DnsPump, AnAliasThatLeadsNowhereIsNothing) {
  auto nowhere = finding(net::DnsType::a, {});
  nowhere.status = net::LookupStatus::leads_nowhere;
  EXPECT_EQ(to_facts(nowhere).status, DnsStatus::nothing);
  nowhere.status = net::LookupStatus::temporary;
  EXPECT_EQ(to_facts(nowhere).status, DnsStatus::temporary);
}

auth822::SpfRequest request() {
  auth822::SpfRequest request;
  request.client = *base::IpAddress::parse("192.0.2.1");
  request.sender = "user@x.example";
  return request;
}

net::DnsServers one(const test::LoopbackDns& server) {
  net::DnsServers servers;
  servers.servers.push_back(server.endpoint());
  return servers;
}

TEST(DnsPump, ACheckIsAnswered) {
  const test::LoopbackDns server([](const test::DnsRequest& request) {
    return std::optional(test::dns_reply(
        request, {test::resource_record("x.example", 16, "\x19v=spf1 ip4:192.0.2.1 -all")}));
  });
  net::DnsResolver resolver(one(server));
  auth822::SpfCheck check(request());
  pump(check, resolver, sys::monotonic() + std::chrono::seconds(20));
  ASSERT_TRUE(check.result());
  EXPECT_EQ(check.result()->word, SpfWord::pass);
}

TEST(DnsPump, SilenceUntilTheEndIsTemporary) {
  const test::LoopbackDns server(
      [](const test::DnsRequest&) -> std::optional<std::string> { return std::nullopt; });
  net::DnsResolver resolver(one(server));
  auth822::SpfCheck check(request());
  pump(check, resolver, sys::monotonic() + std::chrono::milliseconds(50));
  ASSERT_TRUE(check.result());
  EXPECT_EQ(check.result()->word, SpfWord::temperror);
  EXPECT_FALSE(resolver.busy());
}

TEST(DnsPump, NamesThatTheDnsCannotHoldAreNotAsked) {
  const test::LoopbackDns server(
      [](const test::DnsRequest&) -> std::optional<std::string> { return std::nullopt; });
  net::DnsResolver resolver(one(server));
  EXPECT_FALSE(ask(resolver, {RecordType::a, std::string("a\0b.example", 11)}));
  EXPECT_FALSE(ask(resolver, {RecordType::a, "a..b"}));
  EXPECT_FALSE(resolver.busy());
}

}  // namespace
}  // namespace reqmail::judge
