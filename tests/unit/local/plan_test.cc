// What a delivery is going to do.
#include "local/plan.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "tests/unit/local/support.h"

namespace reqmail::local {
namespace {

class PlanTest : public ::testing::Test {
 protected:
  Result<Plan> plan_for(const std::string& ext, const std::string& content = "a: b\n\n") {
    Request request;
    request.home = home_.path();
    request.local = ext.empty() ? "joe" : "joe-" + ext;
    request.dash = ext.empty() ? "" : "-";
    request.ext = ext;
    request.host = "h";
    request.sender = "s@a";
    request.default_instructions = "./Mailbox\n";
    const sys::Fd file = message_with(content);
    MessageFile message(file.get());
    return prepare(request, message);
  }

  const TemporaryHome home_;
};

TEST_F(PlanTest, DefaultInstructionsAndTraceLines) {
  const auto plan = plan_for("");
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->instructions.size(), 1U);
  EXPECT_EQ(std::get<Mbox>(plan->instructions[0]).path, "./Mailbox");
  EXPECT_EQ(plan->trace.return_path, "Return-Path: <s@a>\n");
  EXPECT_EQ(plan->trace.delivered_to, "Delivered-To: joe@h\n");
  EXPECT_EQ(plan->new_sender, "s@a");
  EXPECT_FALSE(plan->forward_only);
}

TEST_F(PlanTest, TheFileOfTheExtension) {
  put_file(".qmail-x-default", "./M/\n&a@b\n", 0700);
  put_file(".qmail-x-y-owner", "");
  const auto plan = plan_for("x-y");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->instructions.size(), 2U);
  EXPECT_TRUE(plan->forward_only);
  EXPECT_EQ(plan->default_from, 2U);
  EXPECT_EQ(plan->new_sender, "joe-x-y-owner@h");
  // An empty file stands for the default instructions, whatever its mode.
  put_file(".qmail-empty", "", 0700);
  EXPECT_FALSE(plan_for("empty")->forward_only);
}

TEST_F(PlanTest, WhatKeepsItFromBeginning) {
  EXPECT_EQ(plan_for("none").error().permanence, Permanence::permanent);
  EXPECT_EQ(plan_for("", "Delivered-To: joe@h\n\n").error().permanence, Permanence::permanent);
}

}  // namespace
}  // namespace reqmail::local
