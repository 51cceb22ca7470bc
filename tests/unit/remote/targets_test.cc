#include "remote/targets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "remote/mx_plan.h"
#include "tests/unit/support/fake_dns.h"

namespace reqmail::remote {
namespace {

using test::a_record;
using test::cname_record;
using test::FakeDns;
using test::mx_record;

constexpr const char* kUnknownForNow = "Sorry, I couldn't find any host by that name. (#4.1.2)";
constexpr const char* kNoAddress =
    "Sorry, I couldn't find a mail exchanger or IP address. (#5.4.4)";
constexpr const char* kNotConnected =
    "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)";

base::IpAddress address(std::string_view text) {
  return *base::IpAddress::parse(text);
}

struct Outcome {
  // Groups separated by "|".
  std::string addresses;
  Failure failure;
};

// Returns all groups in turn, as if no address accepted the connection. 127.0.0.1 is this host.
Outcome all(FakeDns& server, const std::string& host, const std::string& relay = {},
            const char* versions = "4") {
  const net::Dns dns(server);
  Targets targets(
      dns, [] { return net::LocalAddresses({address("127.0.0.1")}); },
      *net::AddressVersions::parse(versions), host, relay, 1);
  Outcome outcome;
  for (auto group = targets.next(); !group.empty(); group = targets.next()) {
    for (const Target& one : group) {
      outcome.addresses += one.address.text() + " ";
    }
    outcome.addresses += "| ";
  }
  outcome.failure = targets.failure();
  // After the end there are no more groups.
  EXPECT_TRUE(targets.next().empty());
  EXPECT_EQ(targets.failure().text, outcome.failure.text);
  return outcome;
}

void add_hosts(FakeDns& server) {
  server.add("A mx1", {a_record("mx1", "192.0.2.1")});
  server.add("A mx2", {a_record("mx2", "192.0.2.2"), a_record("mx2", "192.0.2.22")});
  server.add("A me", {a_record("me", "127.0.0.1")});
  server.add("A me-too", {a_record("me-too", "192.0.2.3"), a_record("me-too", "127.0.0.1")});
  server.add("A zero", {a_record("zero", "0.0.0.0")});
  server.add("A none", {});
  server.add("A broken", {}, test::kServerFailure);
}

Outcome exchangers(const std::vector<std::pair<unsigned, std::string>>& list) {
  FakeDns server;
  add_hosts(server);
  std::vector<std::string> records;
  for (const auto& [preference, name] : list) {
    records.push_back(mx_record("h.example", preference, name));
  }
  server.add("MX h.example", records);
  return all(server, "h.example");
}

void expect(const Outcome& outcome, std::string_view addresses, Permanence permanence,
            std::string_view text) {
  EXPECT_EQ(outcome.addresses, addresses);
  EXPECT_EQ(outcome.failure.permanence, permanence);
  EXPECT_EQ(outcome.failure.text, text);
}

TEST(Targets, ExchangersInOrderOfPreference) {
  expect(exchangers({{20, "mx2"}, {10, "mx1"}}), "192.0.2.1 | 192.0.2.2 192.0.2.22 | ",
         Permanence::temporary, kNotConnected);
}

TEST(Targets, WorseExchangersAreLookedUpOnlyWhenNeeded) {
  FakeDns server;
  add_hosts(server);
  server.add("MX h.example",
             {mx_record("h.example", 10, "mx1"), mx_record("h.example", 20, "mx2")});
  const net::Dns dns(server);
  Targets targets(
      dns, [] { return net::LocalAddresses({}); }, {}, "h.example", "", 1);
  EXPECT_EQ(targets.next().size(), 1U);
  EXPECT_EQ(server.asked, (std::vector<std::string>{"MX h.example", "A mx1"}));
}

TEST(Targets, UselessExchangersArePassedOver) {
  expect(exchangers({{10, "none"}, {20, "mx1"}}), "192.0.2.1 | ", Permanence::temporary,
         kNotConnected);
  expect(exchangers({{10, "broken"}, {20, "mx1"}}), "192.0.2.1 | ", Permanence::temporary,
         kNotConnected);
  expect(exchangers({{10, "none"}, {20, "gone"}}), "", Permanence::permanent, kNoAddress);
  expect(exchangers({{10, "none"}, {20, "broken"}}), "", Permanence::temporary, kUnknownForNow);
}

TEST(Targets, ThePreferredVersionOfIpComesFirst) {
  FakeDns server;
  server.add("MX h.example",
             {mx_record("h.example", 10, "both"), mx_record("h.example", 20, "four")});
  server.add("A both", {a_record("both", "192.0.2.1")});
  server.add("AAAA both", {a_record("both", "2001:db8::1")});
  server.add("A four", {a_record("four", "192.0.2.4")});
  server.add("AAAA four", {});
  EXPECT_EQ(all(server, "h.example", "", "46").addresses,
            "192.0.2.1 2001:db8::1 | 192.0.2.4 | ");
  EXPECT_EQ(all(server, "h.example", "", "64").addresses,
            "2001:db8::1 192.0.2.1 | 192.0.2.4 | ");
  EXPECT_EQ(all(server, "h.example", "", "6").addresses, "2001:db8::1 | ");
  EXPECT_EQ(all(server, "both", "", "64").addresses, "2001:db8::1 192.0.2.1 | ");
  EXPECT_EQ(all(server, "h.example", "both", "6").addresses, "2001:db8::1 | ");
  server.asked.clear();
  EXPECT_EQ(all(server, "h.example").addresses, "192.0.2.1 | 192.0.2.4 | ");
  EXPECT_EQ(std::count(server.asked.begin(), server.asked.end(), "AAAA both"), 0);
}

TEST(Targets, AHostWithoutAddressesOfTheVersionInUseIsNotGone) {
  constexpr const char* kOtherVersion =
      "Sorry, that host has no address of a version of IP that I use. (#4.4.4)";
  FakeDns server;
  server.add("MX h.example", {mx_record("h.example", 10, "six")});
  server.add("A six", {});
  server.add("AAAA six", {a_record("six", "2001:db8::1")});
  server.add("A four", {a_record("four", "192.0.2.4")});
  server.add("A unsure", {});
  server.add("AAAA unsure", {}, test::kServerFailure);
  expect(all(server, "h.example"), "", Permanence::temporary, kOtherVersion);
  expect(all(server, "six"), "", Permanence::temporary, kOtherVersion);
  expect(all(server, "x", "six"), "", Permanence::temporary, kOtherVersion);
  expect(all(server, "four", "", "6"), "", Permanence::temporary, kOtherVersion);
  expect(all(server, "unsure"), "", Permanence::temporary, kUnknownForNow);
  EXPECT_EQ(all(server, "gone", "", "46").failure.permanence, Permanence::permanent);
  // With both versions each must be certain that there is no address.
  expect(all(server, "unsure", "", "46"), "", Permanence::temporary, kUnknownForNow);
}

// Returns for each address of the first group "s" (secure) or "-", and the end of aliases.
std::string vouched(FakeDns& server, const std::string& relay = {}) {
  const net::Dns dns(server);
  Targets targets(
      dns, [] { return net::LocalAddresses({}); }, {}, "h.example", relay, 1);
  std::string found;
  for (const Target& one : targets.next()) {
    found += (one.secure ? "s" : "-") + one.canonical + " ";
  }
  return found;
}

TEST(Targets, WhatTheNameServersVouchFor) {
  constexpr unsigned kVerified = 0x20;
  for (const unsigned of_exchangers : {0U, kVerified}) {
    for (const unsigned of_address : {0U, kVerified}) {
      FakeDns server;
      server.add("MX h.example", {mx_record("h.example", 10, "mx")}, 0, of_exchangers);
      server.add("A mx", {cname_record("mx", "real"), a_record("real", "192.0.2.1")}, 0,
                 of_address);
      EXPECT_EQ(vouched(server), of_exchangers && of_address ? "sreal " : "-real ");
      EXPECT_EQ(vouched(server, "mx"), of_address ? "sreal " : "-real ");
    }
  }
}

TEST(Targets, WhatTheAdministratorKnowsOfThisHost) {
  FakeDns server;
  add_hosts(server);
  const net::Dns dns(server);
  const auto tried = [&](const std::string& host, std::vector<std::string> more,
                         std::vector<std::string> others) {
    Targets targets(
        dns,
        [&] {
          return net::LocalAddresses({address("192.0.2.2")},
                                     net::AddressCorrections::parse(more, others));
        },
        {}, host, "", 1);
    return targets.next().size();
  };
  EXPECT_EQ(tried("mx1", {}, {}), 1U);
  EXPECT_EQ(tried("mx1", {"192.0.2.0/24"}, {}), 0U);
  EXPECT_EQ(tried("mx1", {"192.0.2.0/24"}, {"192.0.2.1"}), 1U);
  EXPECT_EQ(tried("mx2", {}, {}), 0U);
  EXPECT_EQ(tried("mx2", {}, {"192.0.2.2"}), 2U);
  EXPECT_EQ(tried("me", {}, {}), 0U);
  EXPECT_EQ(tried("me", {}, {"127.0.0.0/8"}), 1U);
}

TEST(Targets, AnExchangerMayBeAnAddress) {
  expect(exchangers({{10, "192.0.2.44"}}), "192.0.2.44 | ", Permanence::temporary,
         kNotConnected);
}

// These addresses are this host whether an interface has them or not.
TEST(Targets, AddressesThatLeadBackAreThisHost) {
  for (const char* text : {"127.9.9.9", "0.1.2.3"}) {
    FakeDns server;
    server.add("A h.example", {a_record("h.example", text)});
    server.add("MX h.example", {});
    const Outcome outcome = all(server, "h.example");
    EXPECT_EQ(outcome.addresses, "");
    EXPECT_TRUE(outcome.failure.text.ends_with("(#5.4.6)")) << outcome.failure.text;
    EXPECT_EQ(all(server, "h.example", text).addresses, std::string(text) + " | ");
  }
}

TEST(Targets, NullMxTakesNoMail) {
  expect(exchangers({{0, ""}}), "", Permanence::permanent,
         "Sorry, host does not accept mail (null MX). (#5.1.10)");
  expect(exchangers({{0, ""}, {10, "mx1"}}), "192.0.2.1 | ", Permanence::temporary,
         kNotConnected);
}

TEST(Targets, ThisHostAmongTheExchangers) {
  const std::string mine =
      "Sorry. Although I'm listed as a best-preference MX or A for that host,\n"
      "it isn't in my control/locals file, so I don't treat it as local. (#5.4.6)";
  for (const char* name : {"me", "me-too", "zero"}) {
    expect(exchangers({{10, name}, {20, "mx1"}}), "", Permanence::permanent, mine);
    expect(exchangers({{10, "mx1"}, {20, name}, {20, "mx2"}, {30, "mx2"}}), "192.0.2.1 | ",
           Permanence::temporary, kNotConnected);
  }
  // A better mail exchanger exists, but its addresses cannot be determined now, which is no
  // reason to bounce.
  expect(exchangers({{10, "broken"}, {20, "me"}}), "", Permanence::temporary, kUnknownForNow);
  expect(exchangers({{10, "gone"}, {20, "me"}}), "", Permanence::permanent, mine);
}

TEST(Targets, WithoutExchangersTheAddress) {
  FakeDns server;
  add_hosts(server);
  server.add("A broken-mx", {a_record("broken-mx", "192.0.2.1")});
  server.add("MX broken-mx", {}, test::kServerFailure);
  expect(all(server, "mx1"), "192.0.2.1 | ", Permanence::temporary, kNotConnected);
  expect(all(server, "none"), "", Permanence::permanent,
         "Sorry, I couldn't find any host named none. (#5.1.2)");
  expect(all(server, "gone"), "", Permanence::permanent,
         "Sorry, I couldn't find any host named gone. (#5.1.2)");
  expect(all(server, "broken"), "", Permanence::temporary, kUnknownForNow);
  expect(all(server, "broken-mx"), "", Permanence::temporary, kUnknownForNow);
  EXPECT_EQ(all(server, "me").failure.permanence, Permanence::permanent);
}

TEST(Targets, AliasOfNothing) {
  FakeDns server;
  server.add("MX h.example", {cname_record("h.example", "gone")});
  server.add("A h.example", {cname_record("h.example", "gone")});
  expect(all(server, "h.example"), "", Permanence::permanent, kNoAddress);
}

TEST(Targets, NamesThatCannotBeAsked) {
  FakeDns server;
  expect(
      all(server, std::string(64, 'x') + ".example"), "", Permanence::permanent,
      "Sorry, I couldn't find any host named " + std::string(64, 'x') + ".example. (#5.1.2)");
  expect(all(server, ""), "", Permanence::permanent,
         "Sorry, I couldn't find any host named . (#5.1.2)");
  expect(all(server, "a b\n.example"), "", Permanence::permanent,
         "Sorry, I couldn't find any host named a?b?.example. (#5.1.2)");
}

TEST(Targets, LiteralsNeedNoDns) {
  FakeDns server;
  expect(all(server, "[192.0.2.7]"), "192.0.2.7 | ", Permanence::temporary, kNotConnected);
  expect(all(server, "192.0.2.7"), "192.0.2.7 | ", Permanence::temporary, kNotConnected);
  expect(all(server, "[IPv6:2001:db8::1]"), "2001:db8::1 | ", Permanence::temporary,
         kNotConnected);
  EXPECT_EQ(all(server, "[127.0.0.1]").failure.permanence, Permanence::permanent);
  EXPECT_TRUE(server.asked.empty());
}

TEST(Targets, ARelayIsTakenByItsAddressAndMayBeHere) {
  FakeDns server;
  add_hosts(server);
  expect(all(server, "h.example", "mx1"), "192.0.2.1 | ", Permanence::temporary, kNotConnected);
  expect(all(server, "h.example", "me"), "127.0.0.1 | ", Permanence::temporary, kNotConnected);
  expect(all(server, "h.example", "gone"), "", Permanence::permanent,
         "Sorry, I couldn't find any host named gone. (#5.1.2)");
  expect(all(server, "h.example", "broken"), "", Permanence::temporary, kUnknownForNow);
  for (const std::string& question : server.asked) {
    EXPECT_EQ(question.find("MX"), std::string::npos);
  }
}

TEST(Targets, WithoutKnowledgeOfThisHostNothingIsTried) {
  FakeDns server;
  add_hosts(server);
  const net::Dns dns(server);
  Targets targets(
      dns, []() -> Result<net::LocalAddresses> { return temporary("no", EMFILE); }, {}, "mx1",
      "", 1);
  EXPECT_TRUE(targets.next().empty());
  EXPECT_EQ(targets.failure().text, "System resources temporarily unavailable. (#4.3.0)");
}

net::MailExchanger exchanger(unsigned preference, std::string_view host) {
  return {static_cast<std::uint16_t>(preference), *net::DnsName::from_text(host)};
}

TEST(MxPlan, EqualPreferencesAreShuffled) {
  std::set<std::string> first;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    const MxPlan plan = plan_exchangers(
        {exchanger(10, "a"), exchanger(10, "b"), exchanger(10, "c"), exchanger(5, "best")},
        seed);
    ASSERT_EQ(plan.groups.size(), 2U);
    EXPECT_EQ(plan.groups[0].front().text(), "best");
    EXPECT_EQ(plan.groups[1].size(), 3U);
    first.insert(plan.groups[1].front().text());
  }
  EXPECT_EQ(first.size(), 3U);
}

TEST(MxPlan, AHostTwiceInAGroupStandsOnce) {
  const MxPlan plan =
      plan_exchangers({exchanger(10, "a"), exchanger(10, "A"), exchanger(20, "a")}, 1);
  ASSERT_EQ(plan.groups.size(), 2U);
  EXPECT_EQ(plan.groups[0].size(), 1U);
  EXPECT_EQ(plan.groups[1].size(), 1U);
}

}  // namespace
}  // namespace reqmail::remote
