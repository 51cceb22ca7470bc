#include "dnscheck/resolver_answers.h"

#include <gtest/gtest.h>

#include "tests/unit/support/fake_dns.h"
#include "tests/unit/support/loopback_dns.h"

namespace reqmail::dnscheck {
namespace {

using auth822::DnsStatus;
using auth822::RecordType;

net::DnsServers one(const test::LoopbackDns& server) {
  net::DnsServers servers;
  servers.servers.push_back(server.endpoint());
  return servers;
}

TEST(ResolverAnswers, AQuestionIsAskedOnce) {
  const test::LoopbackDns server([](const test::DnsRequest& request) {
    return std::optional(
        test::dns_reply(request, {test::resource_record("x.example", 16, "\x04text")}));
  });
  ResolverAnswers answers(one(server), std::chrono::seconds(20));
  answers.ask({auth822::question(RecordType::txt, "x.example")});
  const auto facts = answers.find(RecordType::txt, "X.example.");
  EXPECT_EQ(facts.status, DnsStatus::found);
  EXPECT_EQ(facts.texts, std::vector<std::string>{"text"});
  EXPECT_EQ(server.count(), 1);
}

TEST(ResolverAnswers, SilenceIsTemporary) {
  const test::LoopbackDns server(
      [](const test::DnsRequest&) -> std::optional<std::string> { return std::nullopt; });
  ResolverAnswers answers(one(server), std::chrono::milliseconds(50));
  EXPECT_EQ(answers.find(RecordType::a, "x.example").status, DnsStatus::temporary);
  EXPECT_EQ(answers.find(RecordType::a, "y.example").status, DnsStatus::temporary);
}

TEST(ResolverAnswers, WhatTheDnsCannotHoldDoesNotExist) {
  const test::LoopbackDns server(
      [](const test::DnsRequest&) -> std::optional<std::string> { return std::nullopt; });
  ResolverAnswers answers(one(server), std::chrono::seconds(20));
  EXPECT_EQ(answers.find(RecordType::a, "a..b").status, DnsStatus::nothing);
  EXPECT_EQ(server.count(), 0);
}

}  // namespace
}  // namespace reqmail::dnscheck
