#include "mail/signing.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::mail {
namespace {

TEST(SigningRequest, ThereAndBack) {
  for (const bool dkim : {false, true}) {
    for (const std::string sender : {"", "a@b", "n\n"}) {
      const auto found = parse_signing_request(signing_request({dkim, sender}));
      ASSERT_TRUE(found);
      EXPECT_EQ(found->dkim, dkim);
      EXPECT_EQ(found->sender, sender);
    }
  }
  EXPECT_FALSE(parse_signing_request(""));
  EXPECT_FALSE(parse_signing_request("a@b"));
}

TEST(SigningAnswer, ThereAndBack) {
  for (const std::string fields : {"", "DKIM-Signature: x\n"}) {
    const auto found = parse_signing_answer(signing_answer(fields));
    ASSERT_TRUE(found && *found);
    EXPECT_EQ(**found, fields);
  }
  const auto failed = parse_signing_answer(signing_answer(temporary("control/x: why")));
  ASSERT_TRUE(failed && !*failed);
  EXPECT_EQ(failed->error().text, "control/x: why");
  EXPECT_EQ(failed->error().permanence, Permanence::temporary);
}

TEST(SigningAnswer, NoPartOfItCounts) {
  const std::string whole = signing_answer(std::string("a: f\n"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_signing_answer(whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(parse_signing_answer(whole + whole));
  EXPECT_FALSE(parse_signing_answer("xa: f\n" + std::string(1, '\0')));
}

}  // namespace
}  // namespace reqmail::mail
