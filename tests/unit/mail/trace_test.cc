#include "mail/trace.h"

#include <gtest/gtest.h>

namespace reqmail::mail {
namespace {

constexpr base::Time kTime = base::from_epoch(1795369433);

TEST(ReturnPathLine, QuotesTheSender) {
  EXPECT_EQ(return_path_line("a@b.example"), "Return-Path: <a@b.example>\n");
  EXPECT_EQ(return_path_line("a b@c.example"), "Return-Path: <\"a b\"@c.example>\n");
  EXPECT_EQ(return_path_line(""), "Return-Path: <>\n");
  EXPECT_EQ(return_path_line("#@[]"), "Return-Path: <#@[]>\n");
}

TEST(ReturnPathLine, StaysOneLine) {
  EXPECT_EQ(return_path_line("a\nX: y@b.example"), "Return-Path: <\"a\\_X: y\"@b.example>\n");
}

TEST(DeliveredToLine, RepeatsTheRecipient) {
  EXPECT_EQ(delivered_to_line("Alice-X@HOST"), "Delivered-To: Alice-X@HOST\n");
  EXPECT_EQ(delivered_to_line("a\nb@c"), "Delivered-To: a_b@c\n");
}

TEST(FromLine, HasNoBlanksInTheSender) {
  EXPECT_EQ(from_line("a@b.example", kTime), "From a@b.example Sun Nov 22 17:43:53 2026\n");
  EXPECT_EQ(from_line("", kTime), "From MAILER-DAEMON Sun Nov 22 17:43:53 2026\n");
  EXPECT_EQ(from_line("a b\tc\nd@e f", kTime), "From a-b-c-d@e-f Sun Nov 22 17:43:53 2026\n");
}

}  // namespace
}  // namespace reqmail::mail
