// Whether recipients would be delivered: routes, assignments, .qmail files, and users of
// vpopmail.
#include "smtpd/real_recipients.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "smtpd/compile_list.h"
#include "sys/file.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::smtpd {
namespace {

using proto::Opinion;
using testing::put_file;

class RealRecipientsTest : public ::testing::Test {
 protected:
  users::User user(std::string dash, std::string extension) const {
    return {"joe", 1000, 1000, home.path() + "/joe", std::move(dash), std::move(extension)};
  }

  Opinion mailbox(std::string_view extension) const {
    return mailbox_of(user("-", std::string(extension))).opinion;
  }

  void SetUp() override {
    ASSERT_EQ(::mkdir("joe", 0755), 0);
    ASSERT_EQ(::mkdir("control", 0755), 0);
    ASSERT_EQ(::mkdir("users", 0755), 0);
    ASSERT_EQ(::mkdir("bin", 0755), 0);
  }

  testing::TemporaryHome home;
};

TEST_F(RealRecipientsTest, AnAccountNeedsNoFile) {
  EXPECT_EQ(mailbox_of(user("", "")).opinion, Opinion::yes);
  EXPECT_EQ(mailbox("list"), Opinion::no);
}

TEST_F(RealRecipientsTest, FilesOfExtensions) {
  put_file("joe/.qmail-list", "");
  put_file("joe/.qmail-team-default", "./Mailbox\n");
  put_file("joe/.qmail-odd:name", "./Mailbox\n");
  ASSERT_EQ(::mkdir("joe/.qmail-folder", 0755), 0);
  EXPECT_EQ(mailbox("List"), Opinion::yes);
  EXPECT_EQ(mailbox("team-x-y"), Opinion::yes);
  EXPECT_EQ(mailbox("odd.name"), Opinion::yes);
  EXPECT_EQ(mailbox("other"), Opinion::no);
  EXPECT_EQ(mailbox("folder"), Opinion::no) << "not a regular file";
}

TEST_F(RealRecipientsTest, DefaultsThatBounce) {
  put_file("joe/.qmail-default", "|bounce-no-mailbox\n");
  put_file("joe/.qmail-real", "");
  EXPECT_EQ(mailbox("real"), Opinion::yes);
  EXPECT_EQ(mailbox("other"), Opinion::no);
}

TEST_F(RealRecipientsTest, UsersOfVpopmail) {
  put_file("joe/.qmail-default", "| /x/vdelivermail '' bounce-no-mailbox\n");
  EXPECT_EQ(mailbox("ann"), Opinion::unsure) << "its users are elsewhere";
  put_file("users/recipients", "ann\nbob.smith\n");
  ASSERT_TRUE(compile_recipients());
  ASSERT_TRUE(sys::rename_file("users/recipients.cdb", "joe/vpasswd.cdb"));
  EXPECT_EQ(mailbox("Ann"), Opinion::yes);
  EXPECT_EQ(mailbox("bob.smith"), Opinion::yes);
  EXPECT_EQ(mailbox("gone"), Opinion::no);
  put_file("joe/vpasswd.cdb", "damaged");
  EXPECT_EQ(mailbox("ann"), Opinion::unsure);
}

TEST_F(RealRecipientsTest, WhatCannotBeLookedAtIsUnsure) {
  ASSERT_EQ(::symlink("loop", "joe/.qmail-loop"), 0);
  ASSERT_EQ(::symlink("loop", "joe/loop"), 0);
  const Existence unsure = mailbox_of(user("-", "loop"));
  EXPECT_EQ(unsure.opinion, Opinion::unsure);
  EXPECT_EQ(unsure.why.find(home.path() + "/joe/.qmail-loop: "), 0U) << unsure.why;
  ASSERT_EQ(::unlink("joe/.qmail-loop"), 0);
  ASSERT_EQ(::rename("joe", "gone"), 0);
  EXPECT_EQ(mailbox("list"), Opinion::unsure) << "a home that is not there";
}

TEST_F(RealRecipientsTest, TheWayFromTheAddress) {
  put_file("control/me", "me.example\n");
  put_file("control/virtualdomains", "v.example:joe-v\n");
  put_file("joe/.qmail-v-info", "");
  // The only account is joe, who is the alias account too.
  put_file("bin/qmail-getpw",
           "#!/bin/sh\ncase $1 in joe) d= e=;; joe-*) d=- e=${1#joe-};; fail) exit 111;; *) "
           "d=- e=$1;; esac\n"
           "printf 'joe\\0001000\\0001000\\000" +
               home.path() + "/joe\\000%s\\000%s\\000' \"$d\" \"$e\"\n",
           0755);
  RealRecipients recipients{base::Seconds(20)};
  const auto opinion = [&recipients](std::string_view address) {
    const auto found = recipients.look_up(address);
    EXPECT_TRUE(found);
    return found ? found->opinion : Opinion::unsure;
  };
  EXPECT_EQ(opinion("joe@me.example"), Opinion::yes);
  EXPECT_EQ(opinion("joe"), Opinion::yes);
  EXPECT_EQ(opinion("nobody@me.example"), Opinion::no);
  EXPECT_EQ(opinion("info@v.example"), Opinion::yes);
  EXPECT_EQ(opinion("other@v.example"), Opinion::no);
  EXPECT_EQ(opinion("any@far.example"), Opinion::none);
  EXPECT_EQ(opinion("fail@me.example"), Opinion::unsure);
  put_file("users/cdb", "damaged");
  EXPECT_EQ(opinion("joe@me.example"), Opinion::unsure);
  EXPECT_EQ(*recipients.complete("box"), "box@me.example");
  EXPECT_EQ(*recipients.complete("a@b"), "a@b");
}

TEST_F(RealRecipientsTest, ControlFilesThatCannotBeRead) {
  ASSERT_EQ(::mkdir("control/locals", 0755), 0);
  RealRecipients recipients{base::Seconds(20)};
  const auto found = recipients.look_up("a@b");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().text, "unable to read controls (#4.3.0)");
}

}  // namespace
}  // namespace reqmail::smtpd
