// What is remembered of domains.
#include "scheduler/domain_memory.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::scheduler {
namespace {

TEST(DomainMemory, TheLastNoteCounts) {
  DomainMemory memory;
  EXPECT_EQ(memory.answered("x", Steady(0)), std::nullopt);
  memory.note("x", true, Steady(10));
  memory.note("y", false, Steady(10));
  EXPECT_EQ(memory.answered("x", Steady(20)), true);
  EXPECT_EQ(memory.answered("y", Steady(20)), false);
  memory.note("x", false, Steady(30));
  EXPECT_EQ(memory.answered("x", Steady(40)), false);
}

TEST(DomainMemory, AnAnswerHasATime) {
  DomainMemory memory;
  EXPECT_EQ(memory.last_answer("x"), std::nullopt);
  memory.note("x", true, Steady(10));
  memory.note("x", true, Steady(30));
  EXPECT_EQ(memory.last_answer("x"), Steady(30));
  memory.note("x", false, Steady(40));
  EXPECT_EQ(memory.last_answer("x"), std::nullopt);
}

TEST(DomainMemory, AnAnswerBeforeADeferralHasNoTime) {
  DomainMemory memory;
  memory.note("x", true, Steady(10));
  memory.note_deferral("x");
  EXPECT_EQ(memory.last_answer("x"), std::nullopt);
  EXPECT_EQ(memory.answered("x", Steady(20)), true);
  memory.note("x", true, Steady(30));
  EXPECT_EQ(memory.last_answer("x"), Steady(30));
  memory.note_deferral("y");
  EXPECT_EQ(memory.answered("y", Steady(40)), std::nullopt);
}

TEST(DomainMemory, WhatIsOldIsForgotten) {
  DomainMemory memory;
  memory.note("x", true, Steady(10));
  EXPECT_EQ(memory.answered("x", DomainMemory::kLately + Steady(9)), true);
  EXPECT_EQ(memory.answered("x", DomainMemory::kLately + Steady(10)), std::nullopt);
}

TEST(DomainMemory, TheOldestMakesRoom) {
  DomainMemory memory;
  memory.note("first", true, Steady(0));
  memory.note("second", true, Steady(0));
  for (std::size_t i = 2; i < DomainMemory::kDomainsMax; ++i) {
    memory.note(std::to_string(i), true, Steady(0));
  }
  memory.note("first", true, Steady(1));
  memory.note("one more", true, Steady(2));
  EXPECT_EQ(memory.answered("first", Steady(3)), true);
  EXPECT_EQ(memory.answered("second", Steady(3)), std::nullopt);
  EXPECT_EQ(memory.answered("one more", Steady(3)), true);
}

}  // namespace
}  // namespace reqmail::scheduler
