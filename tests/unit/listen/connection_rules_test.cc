// The keys and values of rules, and the search in a database.
#include "listen/connection_rules.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "sys/cdb.h"
#include "sys/file.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::listen {
namespace {

using Keys = std::vector<std::string>;
using namespace std::string_literals;

net::PeerNames peer(const char* address) {
  net::PeerNames names;
  names.remote.address = *base::IpAddress::parse(address);
  return names;
}

TEST(ConnectionRules, KeysOfAnAddressAlone) {
  EXPECT_EQ(rule_keys(peer("10.119.75.38")),
            (Keys{"10.119.75.38", "10.119.75.", "10.119.", "10.", ""}));
}

TEST(ConnectionRules, KeysOfAnIpv6Address) {
  EXPECT_EQ(rule_keys(peer("2001:DB8:1:0:0:0:0:7")),
            (Keys{"2001:db8:1::7", "2001:db8:1::", "2001:db8:1:", "2001:db8:", "2001:", ""}));
}

TEST(ConnectionRules, KeysWithNames) {
  net::PeerNames names = peer("18.23.0.32");
  names.remote_host = "a.b.example";
  names.remote_info = "joe";
  EXPECT_EQ(rule_keys(names),
            (Keys{"joe@18.23.0.32", "joe@=a.b.example", "18.23.0.32", "=a.b.example",
                  "18.23.0.", "18.23.", "18.", "=.b.example", "=.example", "=", ""}));
}

TEST(ConnectionRules, ValuesHaveVariablesAndDenials) {
  const ConnectionRule rule = parse_connection_rule("+A=x=y\0+EMPTY=\0"s);
  EXPECT_FALSE(rule.denied);
  ASSERT_EQ(rule.variables.size(), 2U);
  EXPECT_EQ(rule.variables[0], (std::pair<std::string, std::string>("A", "x=y")));
  EXPECT_EQ(rule.variables[1], (std::pair<std::string, std::string>("EMPTY", "")));
  EXPECT_TRUE(parse_connection_rule("D\0+A=1\0"s).denied);
}

TEST(ConnectionRules, ItemsWithoutSenseAreIgnored) {
  const ConnectionRule rule = parse_connection_rule("+NAME\0X=1\0\0+LATE=2"s);
  EXPECT_FALSE(rule.denied);
  EXPECT_TRUE(rule.variables.empty());
  EXPECT_FALSE(parse_connection_rule("D").denied);
}

class RulesFile : public ::testing::Test {
 protected:
  std::string write(const std::vector<std::pair<std::string, std::string>>& records) {
    std::string path = scratch_("rules.cdb");
    auto file = sys::open_truncated(path, 0644);
    auto writer = sys::CdbWriter::start(file->get());
    for (const auto& [key, value] : records) {
      EXPECT_TRUE(writer->add(key, value));
    }
    EXPECT_TRUE(writer->finish());
    return path;
  }

  tests::Scratch scratch_;
};

TEST_F(RulesFile, TheMostSpecificRuleCounts) {
  const std::string path = write({{"", "D\0"s}, {"127.", "+A=net\0"s}, {"127.0.0.1", ""}});
  EXPECT_TRUE(find_connection_rule(path, peer("192.0.2.1"))->denied);
  EXPECT_EQ(find_connection_rule(path, peer("127.0.0.2"))->variables.size(), 1U);
  const auto exact = find_connection_rule(path, peer("127.0.0.1"));
  EXPECT_FALSE(exact->denied);
  EXPECT_TRUE(exact->variables.empty());
}

TEST_F(RulesFile, WithoutARuleTheConnectionIsAccepted) {
  EXPECT_FALSE(find_connection_rule(write({{"10.", "D\0"s}}), peer("192.0.2.1"))->denied);
}

TEST_F(RulesFile, AFileThatIsNoDatabaseIsAFailure) {
  EXPECT_EQ(find_connection_rule(scratch_("absent"), peer("192.0.2.1")).error().error, ENOENT);
  const std::string damaged = scratch_.put("damaged", "short");
  EXPECT_EQ(find_connection_rule(damaged, peer("192.0.2.1")).error().error, EPROTO);
}

}  // namespace
}  // namespace reqmail::listen
