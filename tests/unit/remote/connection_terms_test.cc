#include "remote/connection_terms.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

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

}  // namespace
}  // namespace reqmail::remote
