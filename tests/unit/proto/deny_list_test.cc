#include "proto/deny_list.h"

#include <gtest/gtest.h>

#include "tests/unit/support/deny_lists.h"

namespace reqmail::proto {
namespace {

using testing::denied_addresses;
using testing::denied_hosts;

// An "expression" that is a part of the text; one with '(' is malformed.
class Part final : public Expression {
 public:
  explicit Part(std::string part) : part_(std::move(part)) {}

  [[nodiscard]] bool matches(const std::string& text) const override {
    return text.find(part_) != std::string::npos;
  }

 private:
  std::string part_;
};

Result<std::unique_ptr<Expression>> compile_part(const std::string& expression) {
  if (expression.find('(') != std::string::npos) {
    return permanent("parenthesis");
  }
  return std::unique_ptr<Expression>(std::make_unique<Part>(expression));
}

TEST(DenyList, AddressesAreExactOrOfADomain) {
  const DenyList list = denied_addresses({"Ann@Sender.example", "@Spam.example", "box"});
  EXPECT_EQ(list.find("ann@SENDER.example"), "Ann@Sender.example");
  EXPECT_EQ(list.find("x@y@spam.EXAMPLE"), "@Spam.example");
  EXPECT_EQ(list.find("BOX"), "box");
  for (const char* text :
       {"anne@sender.example", "x@sub.spam.example", "spam.example", "", "@"}) {
    EXPECT_EQ(list.find(text), std::nullopt) << text;
  }
}

TEST(DenyList, HostsAreExactOrBelowASuffix) {
  const DenyList list = denied_hosts({"Spam.example", ".dyn.example"});
  EXPECT_EQ(list.find("SPAM.example"), "Spam.example");
  EXPECT_EQ(list.find("a.b.Dyn.example"), ".dyn.example");
  EXPECT_EQ(list.find(".dyn.example"), ".dyn.example");
  for (const char* text :
       {"a.spam.example", "xdyn.example", "dyn.example", "a.dyn.example.org", ""}) {
    EXPECT_EQ(list.find(text), std::nullopt) << text;
  }
}

TEST(DenyList, NothingIsOnAnEmptyList) {
  EXPECT_EQ(DenyList().find("a@b"), std::nullopt);
  EXPECT_EQ(denied_addresses({}).find(""), std::nullopt);
}

TEST(DenyList, ExpressionsAreTriedInTurn) {
  DenyList list(DenyList::Of::addresses);
  EXPECT_TRUE(list.add({"spam", "!@good"}, compile_part).empty());
  EXPECT_EQ(list.find("spam@good"), "spam");
  EXPECT_EQ(list.find("x@bad"), "!@good");
  EXPECT_EQ(list.find("x@good"), std::nullopt);
  EXPECT_EQ(list.find(""), "!@good") << "of a HELO name";
}

// A client can send such an address, so a list can name it.
TEST(DenyList, AnAddressMayHaveControlCharacters) {
  DenyList list(DenyList::Of::addresses);
  EXPECT_TRUE(list.add({"a\x01@b"}, nullptr).empty());
  EXPECT_EQ(list.find("a\x01@b"), "a\x01@b");
}

TEST(DenyList, LinesThatMakeNoSenseAreLeftOut) {
  DenyList list(DenyList::Of::addresses);
  const auto bad = list.add({"a@", "a@b c", "good@b"}, nullptr);
  ASSERT_EQ(bad.size(), 2U);
  EXPECT_EQ(bad[0].text, "a@");
  EXPECT_EQ(bad[0].why, "no domain after @");
  EXPECT_EQ(bad[1].why, "blank in the domain");
  EXPECT_EQ(list.find("good@b"), "good@b");
  DenyList hosts(DenyList::Of::hosts);
  EXPECT_EQ(hosts.add({"a b", "x@y", ".", "a.example"}, nullptr).size(), 3U);
  EXPECT_EQ(hosts.find("x@y"), std::nullopt);
  DenyList patterns(DenyList::Of::hosts);
  const auto faults = patterns.add({"a(b", "!(", "c"}, compile_part);
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_EQ(faults[1].text, "!(");
  EXPECT_EQ(faults[1].why, "parenthesis");
  EXPECT_EQ(patterns.find("abc"), "c");
}

TEST(DenyList, LinesOfSeveralFilesAddUp) {
  DenyList list(DenyList::Of::addresses);
  (void)list.add({"a@b"}, nullptr);
  (void)list.add({"c@d"}, nullptr);
  const DenyList copy = list;
  EXPECT_EQ(copy.find("a@b"), "a@b");
  EXPECT_EQ(copy.find("c@d"), "c@d");
}

}  // namespace
}  // namespace reqmail::proto
