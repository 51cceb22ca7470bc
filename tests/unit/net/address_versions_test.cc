#include "net/address_versions.h"

#include <gtest/gtest.h>

namespace reqmail::net {
namespace {

using base::Family;

TEST(AddressVersions, TheOrderIsThePreference) {
  EXPECT_EQ(AddressVersions().order, (std::vector<Family>{Family::v4}));
  EXPECT_EQ(AddressVersions::parse("4")->order, (std::vector<Family>{Family::v4}));
  EXPECT_EQ(AddressVersions::parse("46")->order, (std::vector<Family>{Family::v4, Family::v6}));
  EXPECT_EQ(AddressVersions::parse("64")->order, (std::vector<Family>{Family::v6, Family::v4}));
  EXPECT_FALSE(AddressVersions::parse("6")->has(Family::v4));
  EXPECT_TRUE(AddressVersions::parse("6")->has(Family::v6));
  for (const char* text : {"", "5", "44", "466", "4 6", "6,4"}) {
    EXPECT_FALSE(AddressVersions::parse(text)) << text;
  }
  EXPECT_EQ(other_family(Family::v4), Family::v6);
  EXPECT_EQ(other_family(Family::v6), Family::v4);
}

}  // namespace
}  // namespace reqmail::net
