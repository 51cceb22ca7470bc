// The TLS that a server must do, by its TLSA records and the policy of its domain.
#include "remote/tls_decision.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "remote/dane.h"
#include "tests/unit/support/fake_dns.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::remote {
namespace {

using test::FakeDns;

constexpr unsigned kVerified = 0x20;
const std::string kDigest(32, 'x');

std::string tlsa(std::string_view owner, std::uint8_t usage, const std::string& data) {
  return test::resource_record(owner, 52, std::string{static_cast<char>(usage), 1, 1} + data);
}

Target server(bool secure = true) {
  return {"mx.example", *base::IpAddress::parse("192.0.2.1"), secure, ""};
}

class TlsDecisions : public ::testing::Test {
 protected:
  // Returns a word for what is demanded of the server, or the text of the Failure.
  std::string demanded(const Target& target) {
    const net::Dns dns(dns_);
    TlsDecision decision(settings_, dns, domain_, 25, ask_);
    const auto plan = decision.plan(target);
    if (!plan) {
      return plan.error().text;
    }
    plan_ = *plan;
    if (!plan->required) {
      return plan->starttls ? "may" : "none";
    }
    if (!plan->request.tlsa.empty()) {
      return "dane";
    }
    return plan->request.trusted_directory || plan->request.trusted ? "verify" : "encrypt";
  }

  void records(const std::vector<std::string>& answers, unsigned flags = kVerified) {
    dns_.add("TLSA _25._tcp.mx.example", answers, 0, flags);
  }

  const testing::TemporaryHome home_;
  FakeDns dns_;
  TlsSettings settings_;
  std::string domain_ = "b.example";
  // The policy server knows this; nullopt: it does not answer.
  std::optional<std::string> served_ = "may";
  int asked_ = 0;
  TlsDecision::AskServer ask_ = [this](const std::string& domain) -> Result<DomainPolicy> {
    EXPECT_EQ(domain, domain_);
    ++asked_;
    return served_ ? parse_policy(*served_) : policy_unknown(domain);
  };
  TlsPlan plan_;
};

TEST_F(TlsDecisions, WithoutSettingsNothingIsAsked) {
  EXPECT_EQ(demanded(server()), "may");
  EXPECT_FALSE(settings_.wants_dane(domain_));
  EXPECT_TRUE(dns_.asked.empty());
}

TEST_F(TlsDecisions, Levels) {
  for (const char* level : {"none", "may", "encrypt", "verify"}) {
    settings_.table.lines = {std::string("b.example:") + level};
    EXPECT_EQ(demanded(server()), level);
  }
  settings_.table.lines = {"b.example:verify match=hostname:.x.example:dot-nexthop"};
  settings_.authorities = "/cas";
  EXPECT_EQ(demanded(server()), "verify");
  EXPECT_EQ(plan_.request.trusted_directory, "/cas");
  EXPECT_EQ(plan_.request.names,
            (std::vector<std::string>{"mx.example", ".x.example", ".b.example"}));
  EXPECT_EQ(plan_.demand, "the policy of b.example is verify; connected to");
  EXPECT_TRUE(plan_.by_policy);
  settings_.table.lines = {"b.example:verify servername=other.example"};
  EXPECT_EQ(demanded(server()), "verify");
  EXPECT_EQ(plan_.request.server_name, "other.example");
  EXPECT_EQ(plan_.request.names, (std::vector<std::string>{"mx.example"}));
  settings_.table.lines = {"b.example:encrypt servername=other.example"};
  EXPECT_EQ(demanded(server()), "encrypt");
  EXPECT_EQ(plan_.request.server_name, "other.example");
  settings_.table.lines = {"b.example:what"};
  EXPECT_EQ(demanded(server()), "TLS policy of b.example unknown for now. (#4.7.5)");
  EXPECT_TRUE(dns_.asked.empty());
}

TEST_F(TlsDecisions, FilesOfTheServerWin) {
  ASSERT_EQ(::mkdir("control", 0755), 0);
  ASSERT_EQ(::mkdir("control/tlshosts", 0755), 0);
  testing::put_file("control/tlshosts/mx.example.pem", "");
  settings_.table.lines = {"*:none"};
  EXPECT_EQ(demanded(server()), "verify");
  EXPECT_EQ(plan_.demand, "control/tlshosts/mx.example.pem exists; connecting to");
  EXPECT_FALSE(plan_.by_policy);
  Target other = server();
  other.name = "mx2.example";
  EXPECT_EQ(demanded(other), "none");
}

TEST_F(TlsDecisions, NoTlsHostsCountsForMayAlone) {
  ASSERT_EQ(::mkdir("control", 0755), 0);
  ASSERT_EQ(::mkdir("control/notlshosts", 0755), 0);
  testing::put_file("control/notlshosts/mx.example", "");
  EXPECT_EQ(demanded(server()), "none");
  settings_.table.lines = {"b.example:encrypt"};
  EXPECT_EQ(demanded(server()), "encrypt");
  EXPECT_TRUE(plan_.starttls);
  EXPECT_FALSE(plan_.clear);
}

TEST_F(TlsDecisions, SecureRecordsCount) {
  settings_.dane = true;
  EXPECT_TRUE(settings_.wants_dane(domain_));
  records({tlsa("_25._tcp.mx.example", 1, kDigest), tlsa("_25._tcp.mx.example", 3, kDigest)});
  EXPECT_EQ(demanded(server()), "dane");
  EXPECT_EQ(plan_.request.tlsa, (std::vector<base::TlsaRecord>{{3, 1, 1, kDigest}}));
  EXPECT_EQ(plan_.request.server_name, "mx.example");
  EXPECT_EQ(demanded(server(false)), "may") << "nobody vouches for the address";
  records({tlsa("_25._tcp.mx.example", 3, kDigest)}, 0);
  EXPECT_EQ(demanded(server()), "may") << "nobody vouches for the records";
  records({tlsa("_25._tcp.mx.example", 1, kDigest)});
  EXPECT_EQ(demanded(server()), "encrypt");
  records({});
  EXPECT_EQ(demanded(server()), "may");
  dns_.add("TLSA _25._tcp.mx.example", {}, test::kServerFailure);
  EXPECT_EQ(demanded(server()), "TLSA records of mx.example unknown for now. (#4.7.5)");
  settings_.table.lines = {"b.example:may"};
  EXPECT_EQ(demanded(server()), "may");
  EXPECT_FALSE(settings_.wants_dane(domain_));
}

TEST_F(TlsDecisions, DaneOnly) {
  settings_.table.lines = {"b.example:dane-only"};
  EXPECT_EQ(demanded(server()),
            "No secure TLSA records of mx.example while the policy of b.example is dane-only. "
            "(#4.7.5)");
  EXPECT_EQ(demanded({"", *base::IpAddress::parse("192.0.2.1"), true, ""}),
            "No secure TLSA records of the server while the policy of b.example is dane-only. "
            "(#4.7.5)");
  records({tlsa("_25._tcp.mx.example", 2, kDigest)});
  EXPECT_EQ(demanded(server()), "dane");
}

TEST_F(TlsDecisions, AnAliasHasTheRecordsOfItsTarget) {
  settings_.dane = true;
  Target alias = server();
  alias.canonical = "real.example";
  dns_.add("TLSA _25._tcp.real.example", {tlsa("_25._tcp.real.example", 3, kDigest)}, 0,
           kVerified);
  EXPECT_EQ(demanded(alias), "dane");
  EXPECT_EQ(plan_.request.server_name, "real.example");
  dns_.add("TLSA _25._tcp.real.example", {});
  records({tlsa("_25._tcp.mx.example", 3, kDigest)});
  EXPECT_EQ(demanded(alias), "dane");
  EXPECT_EQ(plan_.request.server_name, "mx.example");
}

TEST_F(TlsDecisions, ThePolicyServerIsAskedLast) {
  settings_.server = "unix:/nowhere:x";
  EXPECT_EQ(demanded(server()), "may");
  served_ = "secure match=x.example";
  EXPECT_EQ(demanded(server()), "verify");
  EXPECT_EQ(plan_.request.names, (std::vector<std::string>{"x.example"}));
  served_ = "none";
  EXPECT_EQ(demanded(server()), "none");
  EXPECT_EQ(asked_, 3);
  settings_.table.lines = {"b.example:encrypt"};
  EXPECT_EQ(demanded(server()), "encrypt");
  settings_.table.lines = {};
  settings_.dane = true;
  records({tlsa("_25._tcp.mx.example", 3, kDigest)});
  EXPECT_EQ(demanded(server()), "dane");
  EXPECT_EQ(asked_, 3);
  records({tlsa("_25._tcp.mx.example", 1, kDigest)});
  EXPECT_EQ(demanded(server()), "encrypt") << "none is less than encrypt";
  served_ = "secure";
  EXPECT_EQ(demanded(server()), "verify");
  domain_ = "[192.0.2.1]";
  EXPECT_EQ(demanded(server()), "encrypt") << "an address has no policy";
}

TEST_F(TlsDecisions, ThePolicyServerMayWantTlsaRecords) {
  settings_.server = "unix:/nowhere:x";
  served_ = "dane-only";
  EXPECT_TRUE(settings_.wants_dane(domain_));
  EXPECT_NE(demanded(server()).find("No secure TLSA records"), std::string::npos);
  records({tlsa("_25._tcp.mx.example", 3, kDigest)});
  EXPECT_EQ(demanded(server()), "dane");
}

TEST_F(TlsDecisions, WhatThePolicyServerCannotSay) {
  settings_.server = "unix:/nowhere:x";
  served_.reset();
  EXPECT_EQ(demanded(server()), "TLS policy of b.example unknown for now. (#4.7.5)");
  settings_.fail_open = true;
  EXPECT_EQ(demanded(server()), "may");
  settings_.fail_open = false;
  const net::Dns dns(dns_);
  TlsDecision decision(settings_, dns, domain_, 25, ask_);
  asked_ = 0;
  EXPECT_FALSE(decision.plan(server()));
  EXPECT_FALSE(decision.plan(server()));
  EXPECT_EQ(asked_, 1);
}

TEST_F(TlsDecisions, WhatIsKnownIsNotAskedAgain) {
  settings_.dane = true;
  records({tlsa("_25._tcp.mx.example", 3, kDigest)});
  const net::Dns dns(dns_);
  TlsDecision first(settings_, dns, domain_, 25, ask_);
  ASSERT_TRUE(first.plan(server()));
  ASSERT_TRUE(first.plan(server()));
  EXPECT_EQ(dns_.asked.size(), 1U);
  TlsDecision second(settings_, dns, domain_, 25, ask_, first.findings());
  EXPECT_EQ(second.plan(server())->request.tlsa.size(), 1U);
  EXPECT_EQ(dns_.asked.size(), 1U);
}

}  // namespace
}  // namespace reqmail::remote
