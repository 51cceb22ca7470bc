// Requests to policy services, and their answers.
#include <gtest/gtest.h>

#include <string>

#include "filter/policy_answer.h"
#include "filter/policy_request.h"

namespace reqmail::filter {
namespace {

using Kind = PolicyAction::Kind;

TEST(PolicyRequest, HasTheNamesOfPostfix) {
  PolicyRequest request;
  request.protocol_name = "ESMTP";
  request.sender = "a@b\nrequest=other";
  request.recipient = "c@d";
  request.size = 12;
  const std::string text = encode_policy_request(request);
  EXPECT_TRUE(text.starts_with(
      "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\nhelo_name=\n"
      "queue_id=\nsender=a@b\nrecipient=c@d\nrecipient_count=0\n"));
  EXPECT_NE(text.find("\nsize=12\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("encryption_protocol=\nencryption_cipher=\n\n"));
  EXPECT_EQ(text.find("other"), std::string::npos);
}

void expect_action(std::string_view action, Kind kind, unsigned code = 0,
                   std::string_view text = {}) {
  const PolicyAction parsed = parse_policy_action(action);
  EXPECT_EQ(parsed.kind, kind) << action;
  EXPECT_EQ(parsed.code, code) << action;
  EXPECT_EQ(parsed.text, text) << action;
}

TEST(PolicyAnswer, Actions) {
  expect_action("DUNNO", Kind::go_on);
  expect_action("ok with text", Kind::go_on);
  expect_action("", Kind::go_on);
  expect_action("450 4.7.1 wait", Kind::refuse, 450, "4.7.1 wait");
  expect_action("554", Kind::refuse, 554);
  expect_action("REJECT  not you", Kind::refuse, 554, "not you (#5.7.1)");
  expect_action("reject", Kind::refuse, 554, "rejected by a policy service (#5.7.1)");
  expect_action("DEFER later", Kind::refuse, 450, "later (#4.7.1)");
  expect_action("DEFER_IF_PERMIT x", Kind::defer_if_permit, 450, "x (#4.7.1)");
  expect_action("DISCARD x", Kind::discard);
  expect_action("WARN odd", Kind::warn, 0, "odd");
  expect_action("PREPEND X-A:  b", Kind::prepend, 0, "X-A: b\n");
  for (const std::string_view odd : {"FROBNICATE x", "250 ok", "350 x", "4500 x", "45x",
                                     "PREPEND no field", "PREPEND A B: c", "PREPEND"}) {
    expect_action(odd, Kind::unknown);
  }
}

TEST(PolicyAnswer, IsReadInPieces) {
  PolicyAnswerReader reader;
  for (const char c : std::string_view("other=1\r\naction=REJECT a\naction=OK\n\n")) {
    EXPECT_FALSE(reader.is_complete());
    reader.add(std::string_view(&c, 1));
    EXPECT_FALSE(reader.is_broken());
  }
  ASSERT_TRUE(reader.is_complete());
  EXPECT_EQ(reader.action().kind, Kind::refuse);
}

TEST(PolicyAnswer, WhatIsNoAnswer) {
  for (const std::string_view bad : {"\n", "other=1\n\n", "action=OK\n\nmore"}) {
    PolicyAnswerReader reader;
    reader.add(bad);
    EXPECT_TRUE(reader.is_broken()) << bad;
  }
  PolicyAnswerReader endless;
  endless.add(std::string(kPolicyAnswerMax + 1, 'x'));
  EXPECT_TRUE(endless.is_broken());
}

}  // namespace
}  // namespace reqmail::filter
