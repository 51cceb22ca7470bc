#include "auth822/dns_facts.h"

#include <gtest/gtest.h>

namespace reqmail::auth822 {
namespace {

TEST(DnsFacts, AQuestionIsTheSameInAnyCaseAndWithADotAtTheEnd) {
  EXPECT_EQ(question(RecordType::txt, "Example.ORG."),
            question(RecordType::txt, "example.org"));
  EXPECT_NE(question(RecordType::txt, "example.org"), question(RecordType::a, "example.org"));
}

TEST(DnsFacts, DomainsThatCanBeAskedFor) {
  const std::string label63(63, 'a');
  for (const std::string& good :
       {std::string("a"), std::string("a.b."), label63 + ".b",
        label63 + "." + label63 + "." + label63 + "." + std::string(61, 'b')}) {
    EXPECT_TRUE(is_domain(good)) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("."), std::string("a..b"), std::string(".a"),
        std::string(64, 'a'),
        label63 + "." + label63 + "." + label63 + "." + std::string(62, 'b')}) {
    EXPECT_FALSE(is_domain(bad)) << bad;
  }
}

TEST(DnsFacts, WhatIsWithinADomain) {
  EXPECT_TRUE(is_within("a.b.example", "B.example."));
  EXPECT_TRUE(is_within("b.example.", "b.example"));
  EXPECT_FALSE(is_within("ab.example", "b.example"));
  EXPECT_FALSE(is_within("example", "b.example"));
}

}  // namespace
}  // namespace reqmail::auth822
