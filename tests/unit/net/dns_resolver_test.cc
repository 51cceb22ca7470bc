#include "net/dns_resolver.h"

#include <gtest/gtest.h>

#include <map>

#include "net/dns.h"
#include "net/dns_exchange.h"
#include "net/dns_servers.h"
#include "sys/clock.h"
#include "tests/unit/support/fake_dns.h"
#include "tests/unit/support/loopback_dns.h"

namespace reqmail::net {
namespace {

using std::chrono::milliseconds;
using test::a_record;
using test::cname_record;
using test::dns_reply;
using test::DnsRequest;
using test::LoopbackDns;

constexpr milliseconds kLong{20000};

DnsName name(std::string_view text) {
  return *DnsName::from_text(text);
}

DnsServers servers(std::initializer_list<const LoopbackDns*> list,
                   milliseconds patience = kLong) {
  DnsServers servers;
  for (const LoopbackDns* server : list) {
    servers.servers.push_back(server->endpoint());
  }
  servers.patience = patience;
  return servers;
}

std::optional<std::string> silence(const DnsRequest& /*request*/) {
  return std::nullopt;
}

std::optional<std::string> good(const DnsRequest& request) {
  return dns_reply(request, {a_record("x.example", "192.0.2.1")});
}

// Returns the only finding as text.
std::string look_up(DnsResolver& resolver, milliseconds time = kLong,
                    std::string_view asked = "x.example") {
  resolver.ask(name(asked), DnsType::a);
  const auto found = resolver.wait(sys::monotonic() + time);
  if (found.size() != 1 || found[0].status == LookupStatus::temporary) {
    return "temporary";
  }
  return found[0].records.empty() ? "nothing" : to_address(found[0].records[0].address).text();
}

TEST(DnsResolver, AnAnswer) {
  const LoopbackDns server(good);
  DnsResolver resolver(servers({&server}));
  EXPECT_EQ(look_up(resolver), "192.0.2.1");
  EXPECT_FALSE(resolver.busy());
}

TEST(DnsResolver, VerificationIsAskedForIfItIsWanted) {
  constexpr unsigned kAuthenticData = 0x20;
  const LoopbackDns server([](const DnsRequest& request) {
    return std::optional(dns_reply(request, {a_record("x.example", "192.0.2.1")}, 0,
                                   request.flags & kAuthenticData));
  });
  DnsServers asked = servers({&server});
  for (const bool wanted : {false, true}) {
    asked.wants_verification = wanted;
    DnsResolver resolver(asked);
    resolver.ask(name("x.example"), DnsType::a);
    const auto found = resolver.wait(sys::monotonic() + kLong);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].authenticated, wanted);
  }
}

TEST(DnsResolver, WhatIsKnownIsNotAskedAgain) {
  const LoopbackDns server(good);
  DnsResolver resolver(servers({&server}));
  EXPECT_EQ(look_up(resolver), "192.0.2.1");
  EXPECT_EQ(look_up(resolver, kLong, "X.example"), "192.0.2.1");
  EXPECT_EQ(server.count(), 1);
}

TEST(DnsResolver, ASilentServerDoesNotHoldUpTheNext) {
  const LoopbackDns deaf(silence);
  const LoopbackDns server(good);
  DnsResolver resolver(servers({&deaf, &server}, milliseconds(50)));
  EXPECT_EQ(look_up(resolver), "192.0.2.1");
}

TEST(DnsResolver, AServerInTroubleIsPassedOverAtOnce) {
  for (const unsigned code : {test::kServerFailure, test::kRefused, 4U}) {
    const LoopbackDns sick([code](const DnsRequest& request) {
      return std::optional(dns_reply(request, {}, code));
    });
    const LoopbackDns server(good);
    DnsResolver resolver(servers({&sick, &server}));
    EXPECT_EQ(look_up(resolver), "192.0.2.1") << code;
  }
}

TEST(DnsResolver, APortWhereNobodyListensIsPassedOverAtOnce) {
  DnsServers list;
  {
    const LoopbackDns gone(silence);
    list.servers.push_back(gone.endpoint());
  }
  const LoopbackDns server(good);
  list.servers.push_back(server.endpoint());
  list.patience = kLong;
  DnsResolver resolver(list);
  EXPECT_EQ(look_up(resolver), "192.0.2.1");
}

TEST(DnsResolver, AllServersInTrouble) {
  const LoopbackDns sick([](const DnsRequest& request) {
    return std::optional(dns_reply(request, {}, test::kServerFailure));
  });
  DnsResolver resolver(servers({&sick, &sick}));
  EXPECT_EQ(look_up(resolver), "temporary");
  EXPECT_EQ(sick.count(), 4);
}

TEST(DnsResolver, AnAnswerThatComesLateCounts) {
  std::optional<std::string> held;
  const LoopbackDns slow([&](const DnsRequest& request) {
    std::this_thread::sleep_for(milliseconds(150));
    return good(request);
  });
  const LoopbackDns deaf(silence);
  DnsResolver resolver(servers({&slow, &deaf}, milliseconds(50)));
  EXPECT_EQ(look_up(resolver), "192.0.2.1");
}

TEST(DnsResolver, ForgedAndMalformedAnswersDoNotCount) {
  const std::map<std::string, std::function<std::string(DnsRequest)>> kinds = {
      {"id",
       [](DnsRequest request) {
         request.id[0] = static_cast<char>(request.id[0] + 1);
         return *good(request);
       }},
      {"question",
       [](DnsRequest request) {
         request.question[1] = 'y';
         return *good(request);
       }},
      {"garbage", [](const DnsRequest&) { return std::string("garbage"); }},
      {"short", [](const DnsRequest& request) { return good(request)->substr(0, 40); }},
  };
  for (const auto& [kind, make] : kinds) {
    const LoopbackDns server(
        [&make = make](const DnsRequest& request) { return std::optional(make(request)); });
    DnsResolver resolver(servers({&server}, milliseconds(50)));
    EXPECT_EQ(look_up(resolver), "temporary") << kind;
  }
}

TEST(DnsResolver, WhatDoesNotFitComesByTcp) {
  const LoopbackDns server([](const DnsRequest& request) {
    return request.tcp ? good(request) : std::optional(dns_reply(request, {}, 0, 0x200));
  });
  DnsResolver resolver(servers({&server}));
  EXPECT_EQ(look_up(resolver), "192.0.2.1");
}

TEST(DnsResolver, AServerWithoutTcpIsNoAnswer) {
  const LoopbackDns server([](const DnsRequest& request) {
    return request.tcp ? std::nullopt : std::optional(dns_reply(request, {}, 0, 0x200));
  });
  const LoopbackDns next(good);
  DnsResolver resolver(servers({&server, &next}));
  EXPECT_EQ(look_up(resolver), "192.0.2.1");
}

TEST(DnsResolver, AServerFromBeforeEdnsIsAskedWithoutIt) {
  const LoopbackDns server([](const DnsRequest& request) {
    return request.edns ? std::optional(dns_reply(request, {}, 1)) : good(request);
  });
  DnsResolver resolver(servers({&server}));
  EXPECT_EQ(look_up(resolver), "192.0.2.1");
}

TEST(DnsResolver, AliasesAreFollowedByFurtherQuestions) {
  const LoopbackDns server([](const DnsRequest& request) {
    const bool alias = request.question.find("alias") != std::string::npos;
    return alias
               ? std::optional(dns_reply(request, {cname_record("alias.example", "x.example")}))
               : good(request);
  });
  DnsResolver resolver(servers({&server}));
  EXPECT_EQ(look_up(resolver, kLong, "alias.example"), "192.0.2.1");
  EXPECT_EQ(server.count(), 2);
}

TEST(DnsResolver, ManyQuestionsAreUnderWayTogether) {
  // Each answer takes some time; together they must take less than one after the other.
  const LoopbackDns deaf(silence);
  DnsResolver resolver(servers({&deaf}, milliseconds(200)));
  const auto begin = sys::monotonic();
  for (int i = 0; i < 20; ++i) {
    resolver.ask(name("h" + std::to_string(i) + ".example"), DnsType::a);
  }
  std::size_t ended = 0;
  while (resolver.busy()) {
    ended += resolver.wait(begin + kLong).size();
  }
  EXPECT_EQ(ended, 20U);
  EXPECT_LT(sys::monotonic() - begin, milliseconds(20 * 2 * 200));
}

TEST(DnsResolver, TheCallersTimeEndsAll) {
  const LoopbackDns deaf(silence);
  DnsResolver resolver(servers({&deaf}));
  EXPECT_EQ(look_up(resolver, milliseconds(30)), "temporary");
  EXPECT_TRUE(resolver.busy());
  resolver.forget_questions();
  EXPECT_FALSE(resolver.busy());
}

TEST(DnsServers, ResolvConfIsRead) {
  const auto found = system_dns_servers();
  if (!found) {
    GTEST_SKIP() << "this host has no name server";
  }
  EXPECT_FALSE(found->servers.empty());
  EXPECT_EQ(found->servers[0].port, 53);
}

}  // namespace
}  // namespace reqmail::net
