#include "survey/accounts.h"

#include <gtest/gtest.h>

namespace reqmail::survey {
namespace {

TEST(Accounts, AreFoundByNameAndNumber) {
  const auto root = find_account("root");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->uid, 0U);
  EXPECT_EQ(find_account("0")->name, "root");
  EXPECT_FALSE(find_account("no-such-account"));
  EXPECT_FALSE(find_account(""));
}

TEST(Accounts, GroupsAreFoundByNameAndNumber) {
  EXPECT_EQ(find_group("root"), gid_t{0});
  EXPECT_EQ(find_group("0"), gid_t{0});
  EXPECT_FALSE(find_group("no-such-group"));
  EXPECT_TRUE(groups_with("no-such-account").empty());
}

}  // namespace
}  // namespace reqmail::survey
