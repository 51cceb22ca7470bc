#include "auth822/known_facts.h"

#include <gtest/gtest.h>

namespace reqmail::auth822 {
namespace {

TEST(KnownFacts, WhatIsMissingIsWantedOnce) {
  KnownFacts facts;
  EXPECT_EQ(facts.look(RecordType::txt, "d.example"), nullptr);
  EXPECT_TRUE(facts.wants().empty());
  EXPECT_EQ(facts.find(RecordType::txt, "d.example"), nullptr);
  EXPECT_EQ(facts.find(RecordType::txt, "D.Example."), nullptr);
  ASSERT_EQ(facts.wants().size(), 1U);
  const DnsQuestion wanted = facts.wants().front();
  EXPECT_TRUE(facts.answer(wanted, {DnsStatus::found, {}, {}, {"text"}}));
  EXPECT_TRUE(facts.wants().empty());
  ASSERT_NE(facts.find(RecordType::txt, "d.example"), nullptr);
  EXPECT_EQ(facts.look(RecordType::txt, "d.example")->texts.front(), "text");
}

TEST(KnownFacts, AnAnswerThatNobodyWantedIsKept) {
  KnownFacts facts;
  EXPECT_FALSE(facts.answer(question(RecordType::a, "d.example"), {}));
  EXPECT_NE(facts.find(RecordType::a, "d.example"), nullptr);
}

TEST(KnownFacts, ANameThatCannotBeAskedForHasNoRecords) {
  KnownFacts facts;
  EXPECT_EQ(facts.find(RecordType::a, "a..b")->status, DnsStatus::nothing);
  EXPECT_TRUE(facts.wants().empty());
}

}  // namespace
}  // namespace reqmail::auth822
