#include "proto/recipient_lists.h"

#include <gtest/gtest.h>

#include <set>

namespace reqmail::proto {
namespace {

using Kind = RecipientFile::Way::Kind;

Opinion opinion(const std::set<std::string>& keys, std::string_view address) {
  const auto found = opinion_of_list(
      address, [&keys](const std::string& key) -> Result<bool> { return keys.contains(key); });
  EXPECT_TRUE(found);
  return found ? *found : Opinion::unsure;
}

TEST(ValidList, TheFirstKeyDecides) {
  const std::set<std::string> keys = {"bob@a", "-@a", "-eve@b", "@b", "box", "-root"};
  EXPECT_EQ(opinion(keys, "BOB@A"), Opinion::yes);
  EXPECT_EQ(opinion(keys, "carl@a"), Opinion::no);
  EXPECT_EQ(opinion(keys, "eve@b"), Opinion::no);
  EXPECT_EQ(opinion(keys, "ann@b"), Opinion::yes);
  EXPECT_EQ(opinion(keys, "ann@c"), Opinion::none);
  EXPECT_EQ(opinion(keys, "box"), Opinion::yes);
  EXPECT_EQ(opinion(keys, "root"), Opinion::no);
  EXPECT_EQ(opinion(keys, "joe"), Opinion::none);
  EXPECT_EQ(opinion({"x@a", "-x@a"}, "x@a"), Opinion::yes);
}

TEST(ValidList, TroubleIsAFailure) {
  for (const std::string_view trouble : {"x@a", "-x@a", "@a", "-@a"}) {
    EXPECT_FALSE(opinion_of_list("x@a", [trouble](const std::string& key) -> Result<bool> {
      return key == trouble ? Result<bool>(temporary("damaged")) : false;
    })) << trouble;
  }
}

TEST(ValidList, LinesWithoutAddress) {
  EXPECT_TRUE(faults_of_valid_list({"a@b", "-@c", "@d", "box"}).empty());
  EXPECT_EQ(faults_of_valid_list({"-", "a@", "-@", "a\x01@b"}).size(), 4U);
  EXPECT_EQ(keys_of_valid_list({"-", "a@", "a@b", "-@", "-@c", "a\x01@b", ""}),
            (std::vector<std::string>{"a@b", "-@c"}));
}

TEST(RecipientFile, LinesOfADomainElseThoseOfAllOthers) {
  RecipientFile file;
  EXPECT_TRUE(file.add({"One.example:users/a.cdb", "one.example|bin/check  x y", "@two.example",
                        "!three.example", "*:rest.cdb"})
                  .empty());
  const auto one = file.ways("ONE.example");
  ASSERT_EQ(one.size(), 2U);
  EXPECT_EQ(one[0]->kind, Kind::database);
  EXPECT_EQ(one[0]->file, "users/a.cdb");
  EXPECT_EQ(one[1]->kind, Kind::program);
  EXPECT_EQ(one[1]->command, (std::vector<std::string>{"bin/check", "x", "y"}));
  EXPECT_EQ(file.ways("two.example").at(0)->kind, Kind::all);
  EXPECT_EQ(file.ways("three.example").at(0)->kind, Kind::none);
  EXPECT_EQ(file.ways("sub.one.example").at(0)->file, "rest.cdb");
}

TEST(RecipientFile, TheFormsOfAllOthers) {
  RecipientFile nobody;
  (void)nobody.add({"a.example:f"});
  EXPECT_TRUE(nobody.ways("b.example").empty());
  for (const char* line : {"*", "@*"}) {
    RecipientFile file;
    EXPECT_TRUE(file.add({line}).empty());
    EXPECT_EQ(file.ways("b.example").at(0)->kind, Kind::all) << line;
  }
  RecipientFile unchecked;
  EXPECT_TRUE(unchecked.add({"!*"}).empty());
  EXPECT_EQ(unchecked.ways("b.example").at(0)->kind, Kind::none);
}

TEST(RecipientFile, LinesThatMakeNoSense) {
  RecipientFile file;
  const auto bad =
      file.add({"plain.example", "a.example:", "b.example|  ", ":f", "|x", "!", "@", "a b:f"});
  EXPECT_EQ(bad.size(), 8U);
  EXPECT_TRUE(file.ways("a.example").empty());
}

TEST(Words, AreSeparatedByBlanks) {
  EXPECT_EQ(words_of(" a\tb  c "), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(words_of("  ").empty());
}

}  // namespace
}  // namespace reqmail::proto
