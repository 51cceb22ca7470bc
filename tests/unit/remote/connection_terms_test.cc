#include "remote/connection_terms.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/support/temporary_home.h"

namespace reqmail::remote {
namespace {

struct Case {
  SessionTerms terms;
  std::string host = "h.example";
  std::string relay;
  SourceAddresses from;
  AddressSettings addresses;

  [[nodiscard]] std::string text() const {
    return connection_terms(terms, host, relay, from, addresses);
  }
};

TEST(ConnectionTerms, EveryDifferenceShows) {
  const std::vector<std::function<void(Case&)>> changes = {
      [](Case& one) { one.host = "i.example"; },
      [](Case& one) { one.relay = "h.example"; },
      [](Case& one) {
        one.relay = one.host;
        one.host = "";
      },
      [](Case& one) { one.terms.port = 26; },
      [](Case& one) {
        one.terms.login = {"user", ""};
      },
      [](Case& one) {
        one.terms.login = {"us", "er"};
      },
      [](Case& one) {
        one.terms.login = {"", "user"};
      },
      [](Case& one) { one.terms.hello = "me"; },
      [](Case& one) { one.terms.timeout = base::Seconds(7); },
      [](Case& one) { one.from.v4 = base::IpAddress::parse("192.0.2.1"); },
      [](Case& one) { one.from.v6 = base::IpAddress::parse("2001:db8::1"); },
      [](Case& one) { one.addresses.utf8 = true; },
      [](Case& one) { one.addresses.versions.order = {base::Family::v6}; },
      [](Case& one) { one.addresses.hello_names.lines = {"4"}; },
  };
  std::set<std::string> texts = {Case().text()};
  EXPECT_EQ(*texts.begin(), Case().text());
  for (const auto& change : changes) {
    Case one;
    change(one);
    EXPECT_TRUE(texts.insert(one.text()).second) << one.text();
  }
}

TlsPlan plan_with(const std::function<void(TlsPlan&)>& change) {
  TlsPlan plan;
  change(plan);
  return plan;
}

TEST(TlsTerms, EveryDifferenceShows) {
  const testing::TemporaryHome home;
  const std::vector<std::function<void(TlsPlan&)>> changes = {
      [](TlsPlan& plan) { plan.starttls = false; },
      [](TlsPlan& plan) { plan.required = true; },
      [](TlsPlan& plan) { plan.by_policy = true; },
      [](TlsPlan& plan) { plan.clear = true; },
      [](TlsPlan& plan) { plan.demand = "x"; },
      [](TlsPlan& plan) { plan.policy.level = TlsLevel::encrypt; },
      [](TlsPlan& plan) { plan.request.server_name = "x"; },
      [](TlsPlan& plan) { plan.request.trusted = ""; },
      [](TlsPlan& plan) { plan.request.trusted = "x"; },
      [](TlsPlan& plan) { plan.request.trusted_directory = ""; },
      [](TlsPlan& plan) { plan.request.trusted_directory = "x"; },
      [](TlsPlan& plan) { plan.request.names = {"x"}; },
      [](TlsPlan& plan) {
        plan.request.names = {"x", ""};
      },
      [](TlsPlan& plan) {
        plan.request.tlsa = {{3, 1, 1, "x"}};
      },
      [](TlsPlan& plan) {
        plan.request.tlsa = {{3, 0, 1, "x"}};
      },
      [](TlsPlan& plan) {
        plan.request.tlsa = {{2, 1, 1, "x"}};
      },
      [](TlsPlan& plan) {
        plan.request.tlsa = {{3, 1, 2, "x"}};
      },
      [](TlsPlan& plan) {
        plan.request.tlsa = {{3, 1, 1, "x"}, {3, 1, 1, "y"}};
      },
  };
  std::set<std::string> texts = {tls_terms({})};
  EXPECT_EQ(*texts.begin(), tls_terms({}));
  for (const auto& change : changes) {
    EXPECT_TRUE(texts.insert(tls_terms(plan_with(change))).second);
  }
}

TEST(TlsTerms, RecordsHaveNoOrder) {
  const auto with = [](std::vector<base::TlsaRecord> records) {
    return tls_terms(plan_with([&](TlsPlan& plan) { plan.request.tlsa = std::move(records); }));
  };
  EXPECT_EQ(with({{3, 1, 1, "x"}, {2, 0, 1, "y"}}), with({{2, 0, 1, "y"}, {3, 1, 1, "x"}}));
}

TEST(TlsTerms, FilesThatChangeShow) {
  const testing::TemporaryHome home;
  ASSERT_EQ(::mkdir("control", 0755), 0);
  const TlsPlan plan = plan_with([](TlsPlan& made) { made.request.trusted = "ca.pem"; });
  std::set<std::string> texts = {tls_terms(plan)};
  for (const char* name : {"ca.pem", "control/clientcert.pem", "control/tlsclientciphers"}) {
    testing::put_file(name, "x");
    EXPECT_TRUE(texts.insert(tls_terms(plan)).second) << name;
    EXPECT_FALSE(texts.insert(tls_terms(plan)).second) << name;
  }
}

}  // namespace
}  // namespace reqmail::remote
