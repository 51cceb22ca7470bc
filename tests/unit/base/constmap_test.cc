#include "base/constmap.h"

#include <gtest/gtest.h>

namespace reqmail::base {
namespace {

TEST(ConstMap, Keys) {
  const ConstMap map = ConstMap::of_keys({"Example.org", ".sub.example"});
  EXPECT_TRUE(map.contains("example.ORG"));
  EXPECT_TRUE(map.contains(".SUB.example"));
  EXPECT_FALSE(map.contains("example.org."));
  EXPECT_FALSE(map.contains(""));
  EXPECT_EQ(map.find("example.org"), "");
  EXPECT_FALSE(map.empty());
  EXPECT_TRUE(ConstMap().empty());
}

TEST(ConstMap, Pairs) {
  const ConstMap map = ConstMap::of_pairs(
      {"a.example:Relay:25", "no colon", ":default", "A.example:second", "b:"});
  EXPECT_EQ(map.find("A.EXAMPLE"), "second") << "the last of two equal keys wins";
  EXPECT_EQ(map.find(""), "default");
  EXPECT_EQ(map.find("b"), "");
  EXPECT_EQ(map.find("no colon"), std::nullopt);
}

TEST(ConstMap, KeepsTheCaseOfValues) {
  EXPECT_EQ(ConstMap::of_pairs({"X:User:Pass"}).find("x"), "User:Pass");
}

TEST(ConstMap, KeysMayHoldAnyByte) {
  const std::string key("a\0b", 3);
  const ConstMap map = ConstMap::of_keys({key});
  EXPECT_TRUE(map.contains(key));
  EXPECT_FALSE(map.contains("a"));
}

}  // namespace
}  // namespace reqmail::base
