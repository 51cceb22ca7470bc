// The values of the lists' verdict, and the findings before anything was asked.
#include "proto/sender_findings.h"

#include <gtest/gtest.h>

namespace reqmail::proto {
namespace {

TEST(SenderFindings, WordsOfTheLists) {
  using Word = ListVerdict::Word;
  EXPECT_EQ(list_word(Word::pass), "pass");
  EXPECT_EQ(list_word(Word::ignore), "ignore");
  EXPECT_EQ(list_word(Word::accept), "accept");
  EXPECT_EQ(list_word(Word::delay), "delay");
  EXPECT_EQ(list_word(Word::reject), "reject");
}

TEST(SenderFindings, NothingIsHeldAgainstASenderAtFirst) {
  const SenderFindings findings;
  EXPECT_EQ(findings.domain, mail::SenderDomain::exists);
  EXPECT_EQ(mail::spf_word(findings.spf), "none");
  EXPECT_EQ(list_word(findings.lists.word), "pass");
}

}  // namespace
}  // namespace reqmail::proto
