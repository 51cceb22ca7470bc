#include "scheduler/delivery_status.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "scheduler/bounce_text.h"

namespace reqmail::scheduler {
namespace {

std::string failed(const std::string& reason) {
  return recipient_fields(DsnAction::failed, "r@x.example", reason);
}

constexpr std::string_view kBegin = "\nFinal-Recipient: rfc822; r@x.example\nAction: failed\n";

TEST(DeliveryStatus, TheServersWordsCount) {
  EXPECT_EQ(failed("192.0.2.1 does not like recipient.\n"
                   "Remote host said: 550 5.2.1 mailbox disabled\nGiving up on 192.0.2.1.\n"),
            std::string(kBegin) +
                "Status: 5.2.1\nRemote-MTA: dns; [192.0.2.1]\n"
                "Diagnostic-Code: smtp; 550 5.2.1 mailbox disabled\n");
  EXPECT_EQ(failed("Connected to 2001:db8::1 but sender was rejected.\n"
                   "Remote host said: 553-no\n553 never\n"),
            std::string(kBegin) +
                "Status: 5.0.0\nRemote-MTA: dns; [IPv6:2001:db8::1]\n"
                "Diagnostic-Code: smtp; 553-no 553 never\n");
}

TEST(DeliveryStatus, AStatusOfAnotherClassDoesNotCount) {
  const std::string before = "192.0.2.1 failed on DATA command.\nRemote host said: ";
  EXPECT_NE(failed(before + "550 4.2.1 no\n").find("\nStatus: 5.0.0\n"), std::string::npos);
  EXPECT_NE(failed(before + "550 5.2 no\n").find("\nStatus: 5.0.0\n"), std::string::npos);
  EXPECT_NE(failed(before + "550 5.2.1234 no\n").find("\nStatus: 5.0.0\n"), std::string::npos);
  EXPECT_NE(failed(before + "5\n").find("\nStatus: 5.0.0\n"), std::string::npos);
}

TEST(DeliveryStatus, OurOwnWords) {
  EXPECT_EQ(failed("Sorry, no mailbox here by that name. (#5.1.1)\n"),
            std::string(kBegin) +
                "Status: 5.1.1\n"
                "Diagnostic-Code: x-qmail; Sorry, no mailbox here by that name. (#5.1.1)\n");
  EXPECT_EQ(failed("no such user\n"),
            std::string(kBegin) + "Status: 5.0.0\nDiagnostic-Code: x-qmail; no such user\n");
  EXPECT_EQ(failed(""), std::string(kBegin) + "Status: 5.0.0\n");
  EXPECT_NE(failed("(#5.1.2) and (#4.4.1) and (#x)\n").find("Status: 5.0.0\n"),
            std::string::npos);
}

TEST(DeliveryStatus, TooOld) {
  const std::string fields = failed(
      "Connected to 192.0.2.1 but greeting failed.\nRemote host said: 421 4.3.2 later\n" +
      std::string(kTooLong));
  EXPECT_NE(fields.find("\nStatus: 4.4.7\n"), std::string::npos);
  EXPECT_NE(fields.find("Diagnostic-Code: smtp; 421 4.3.2 later\n"), std::string::npos);
}

TEST(DeliveryStatus, OtherActions) {
  EXPECT_EQ(recipient_fields(DsnAction::delivered, "r@x", "did 1+0+0\n"),
            "\nFinal-Recipient: rfc822; r@x\nAction: delivered\nStatus: 2.0.0\n");
  EXPECT_EQ(recipient_fields(DsnAction::relayed, "r@x",
                             "192.0.2.1 accepted message.\nRemote host said: 250 2.1.5 ok\n"),
            "\nFinal-Recipient: rfc822; r@x\nAction: relayed\nStatus: 2.1.5\n"
            "Remote-MTA: dns; [192.0.2.1]\nDiagnostic-Code: smtp; 250 2.1.5 ok\n");
  EXPECT_NE(recipient_fields(DsnAction::delayed, "r@x", "Try later. (#4.4.1)\n")
                .find("\nAction: delayed\nStatus: 4.4.1\n"),
            std::string::npos);
}

TEST(DeliveryStatus, OriginalRecipient) {
  EXPECT_EQ(recipient_fields(DsnAction::failed, "r@x", "", "rfc822;bob+40x+0Ay"),
            "\nOriginal-Recipient: rfc822; bob@x y\nFinal-Recipient: rfc822; r@x\n"
            "Action: failed\nStatus: 5.0.0\n");
}

TEST(DeliveryStatus, AddressesThatAreNotAscii) {
  EXPECT_EQ(
      recipient_fields(DsnAction::failed, "j\u00f6 rg@x", "", "UTF-8;b+C3+B6b\\x{F6}+40x"),
      "\nOriginal-Recipient: UTF-8; b\\x{F6}b\\x{F6}@x\n"
      "Final-Recipient: utf-8; j\\x{F6}\\x{20}rg@x\nAction: failed\nStatus: 5.0.0\n");
  EXPECT_EQ(recipient_fields(DsnAction::failed, "j\xf6rg@x", "", "rfc822;b+C3+B6b+40x"),
            "\nOriginal-Recipient: rfc822; b??b@x\n"
            "Final-Recipient: rfc822; \"j?rg\"@x\nAction: failed\nStatus: 5.0.0\n");
}

TEST(DeliveryStatus, FieldsAreCleanAndNotLong) {
  const std::string fields = failed("caf\xc3\xa9\t \x01" + std::string(2000, 'x') + "\n");
  EXPECT_NE(fields.find("x-qmail; caf??\n ?xxx"), std::string::npos) << fields;
  EXPECT_LT(fields.size(), 700U);
  std::string words;
  for (int i = 0; i < 60; ++i) {
    words += "word ";
  }
  const std::string folded = failed(words + "\n");
  EXPECT_NE(folded.find("word\n word"), std::string::npos);
  for (std::size_t at = 0, end = 0; (end = folded.find('\n', at)) != std::string::npos;
       at = end + 1) {
    EXPECT_LE(end - at, 76U);
  }
  EXPECT_NE(recipient_fields(DsnAction::failed, "a b\n@x", "").find("rfc822; \"a b"),
            std::string::npos);
}

const std::map<std::string, std::string> kNone;
const std::map<std::string, std::string> kOriginals = {{"b@x", "rfc822;B+40+0Ax"}};

TEST(FailedRecipients, EachParagraphGivesItsFieldsHoweverItComes) {
  const std::string paragraphs = bounce_paragraph("a@x", "no (#5.1.1)\n") +
                                 bounce_paragraph("b@x", "two\n\nlines\n\n") +
                                 bounce_paragraph("c\n@x", "");
  const std::string expected =
      recipient_fields(DsnAction::failed, "a@x", "no (#5.1.1)\n") +
      recipient_fields(DsnAction::failed, "b@x", "two\n/lines\n", "rfc822;B+40+0Ax") +
      recipient_fields(DsnAction::failed, "c_@x", "");
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, paragraphs.size()}) {
    FailedRecipients failed(kOriginals);
    std::string fields;
    for (std::size_t at = 0; at < paragraphs.size(); at += size) {
      fields += failed.take(std::string_view(paragraphs).substr(at, size));
    }
    EXPECT_EQ(fields + failed.finish(), expected);
  }
}

TEST(FailedRecipients, WhatIsNoParagraphIsLeftOut) {
  FailedRecipients failed(kNone);
  EXPECT_EQ(failed.take("junk\n\n<a@x> no colon\nx\n\n<b@x>:\nno\n"), "");
  EXPECT_EQ(failed.finish(), recipient_fields(DsnAction::failed, "b@x", "no\n"));
  EXPECT_EQ(FailedRecipients(kNone).finish(), "");
}

}  // namespace
}  // namespace reqmail::scheduler
