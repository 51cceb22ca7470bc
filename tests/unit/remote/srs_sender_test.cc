#include "remote/srs_sender.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"
#include "tests/unit/support/control_home.h"

namespace reqmail::remote {
namespace {

constexpr std::uint64_t kNow = 1700000000;
constexpr std::string_view kForwarded =
    "Delivered-To: bob@here.example\n"
    "Received: from c.example (192.0.2.9)\n  by here.example with SMTP; 1 Jan 2023 00:00:00 "
    "-0000\n"
    "From: ann@sender.example\n\nhi\n";

class SrsSenderTest : public tests::ControlHome {
 protected:
  std::string rewritten(const std::string& sender, std::string_view message = kForwarded,
                        bool rewrites_own = false) {
    EXPECT_TRUE(sys::replace_file("message", std::string(message), 0600));
    const auto file = sys::open_read("message");
    EXPECT_TRUE(file);
    const auto found = sender_in_mail_from(sender, file->get(), rewrites_own, kNow);
    EXPECT_EQ(::lseek(file->get(), 0, SEEK_CUR), 0);
    return found ? *found : found.error().text;
  }

  void switch_on() {
    control("me", "here.example\n");
    control("srs_domain", "fwd.example\n");
    control("srs_secrets", "hidden\n");
  }
};

TEST_F(SrsSenderTest, ForwardedMailOfOthersIsRewritten) {
  switch_on();
  EXPECT_EQ(rewritten("ann@sender.example"), "SRS0=X7ZH=G3=sender.example=ann@fwd.example");
  EXPECT_EQ(rewritten("ann@sender.example", "From: ann@sender.example\n\nhi\n"),
            "ann@sender.example");
  EXPECT_EQ(rewritten(""), "");
  EXPECT_EQ(rewritten("#@[]"), "#@[]");
  EXPECT_EQ(rewritten("list-@host-@[]"), "list-@host-@[]");
}

TEST_F(SrsSenderTest, SendersOfOurOwnStay) {
  switch_on();
  control("rcpthosts", "ours.example\n.sub.example\n");
  control("virtualdomains", "virt.example:alice\none@single.example:alice\n");
  for (const char* sender : {"a@here.example", "a@OURS.example", "a@x.sub.example",
                             "a@virt.example", "one@single.example"}) {
    EXPECT_EQ(rewritten(sender), sender);
  }
  EXPECT_TRUE(rewritten("two@single.example").starts_with("SRS0="));
  EXPECT_TRUE(rewritten("a@here.example", kForwarded, true).starts_with("SRS0="));
}

TEST_F(SrsSenderTest, WhatCannotBeReadDefersTheMail) {
  switch_on();
  ASSERT_EQ(::unlink("control/srs_secrets"), 0);
  EXPECT_EQ(rewritten("ann@sender.example"),
            "Unable to rewrite the sender: control/srs_secrets: file does not exist. (#4.3.0)");
  ASSERT_EQ(::mkdir("control/virtualdomains", 0755), 0);
  EXPECT_EQ(rewritten("ann@sender.example"),
            "Unable to rewrite the sender: control/virtualdomains cannot be read. (#4.3.0)");
}

}  // namespace
}  // namespace reqmail::remote
