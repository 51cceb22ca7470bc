#include "local/dot_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "tests/unit/local/support.h"

namespace reqmail::local {
namespace {

TEST(Home, ReadyUnlessOthersMayWriteOrItIsEdited) {
  const TemporaryHome home;
  EXPECT_EQ(*check_home(), HomeState::ready);
  ASSERT_EQ(::chmod(".", 01700), 0);
  EXPECT_EQ(*check_home(), HomeState::being_edited);
  ASSERT_EQ(::chmod(".", 0702), 0);
  const auto writable = check_home();
  ASSERT_FALSE(writable);
  EXPECT_EQ(writable.error().text, "Uh-oh: home directory is writable. (#4.7.0)");
  EXPECT_EQ(writable.error().permanence, Permanence::temporary);
}

TEST(DotQmailFile, TheFirstThatIsThere) {
  const TemporaryHome home;
  EXPECT_FALSE(*find_dot_qmail("-", "a-b"));
  put_file(".qmail-default", "&default\n");
  put_file(".qmail-a-default", "&a\n");
  auto found = find_dot_qmail("-", "a-b");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->text, "&a\n");
  EXPECT_TRUE((*found)->default_from);
  put_file(".qmail-a-b", "&exact\n");
  found = find_dot_qmail("-", "a-b");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->text, "&exact\n");
  EXPECT_FALSE((*found)->default_from);
  EXPECT_FALSE((*found)->forward_only);
}

TEST(DotQmailFile, OwnersXBitMeansForwardsOnly) {
  const TemporaryHome home;
  put_file(".qmail", "&x\n", 0700);
  const auto found = find_dot_qmail("", "");
  ASSERT_TRUE(found && *found);
  EXPECT_TRUE((*found)->forward_only);
}

TEST(DotQmailFile, WhatIsNoFileIsPassedOver) {
  const TemporaryHome home;
  ASSERT_EQ(::mkdir(".qmail-a", 0700), 0);
  put_file(".qmail-default", "&default\n");
  const auto found = find_dot_qmail("-", "a");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->text, "&default\n");
}

TEST(DotQmailFile, WritableForOthersIsAFailure) {
  const TemporaryHome home;
  put_file(".qmail", "&x\n", 0602);
  const auto found = find_dot_qmail("", "");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().text, "Uh-oh: .qmail file is writable. (#4.7.0)");
}

TEST(ForwardSender, OwnersWhereThereAreSome) {
  const TemporaryHome home;
  const auto sender = [](const std::string& from) {
    return *forward_sender("-", "list", "u-list", "h.example", from);
  };
  EXPECT_EQ(sender("s@a.example"), "s@a.example");
  put_file(".qmail-list-owner", "");
  EXPECT_EQ(sender("s@a.example"), "u-list-owner@h.example");
  put_file(".qmail-list-owner-default", "");
  EXPECT_EQ(sender("s@a.example"), "u-list-owner-@h.example-@[]");
  // Bounces keep their sender.
  EXPECT_EQ(sender(""), "");
  EXPECT_EQ(sender("#@[]"), "#@[]");
}

}  // namespace
}  // namespace reqmail::local
