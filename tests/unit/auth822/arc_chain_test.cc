#include "auth822/arc_chain.h"

#include <gtest/gtest.h>

#include "tests/unit/support/signed_messages.h"

namespace reqmail::auth822 {
namespace {

std::string set_of(const std::string& instance, const std::string& verdict) {
  const std::string tags = "; a=rsa-sha256; d=d.example; s=s; b=AAAA";
  return "ARC-Seal: i=" + instance + "; cv=" + verdict + tags +
         "\nARC-Message-Signature: i=" + instance + tags +
         "; h=from; bh=AAAA\nARC-Authentication-Results: i=" + instance + "; x; none\n";
}

std::string problem(const std::string& text) {
  const MessageHeader header(text);
  return read_arc_chain(header).problem;
}

TEST(ArcChain, NoFieldsAreNoChain) {
  const MessageHeader header("From: x\n");
  EXPECT_TRUE(read_arc_chain(header).sets.empty());
}

TEST(ArcChain, SetsInAnyOrder) {
  const MessageHeader header(set_of("1", "none") + set_of("2", "pass") + "From: x\n");
  const auto chain = read_arc_chain(header);
  EXPECT_EQ(chain.problem, "");
  ASSERT_EQ(chain.sets.size(), 2U);
  EXPECT_EQ(chain.sets[1].verdict, "pass");
  EXPECT_EQ(chain.sets[0].message_signature.signature->header_form, Canonical::relaxed);
}

TEST(ArcChain, WhatBreaksAChain) {
  EXPECT_EQ(problem(set_of("1", "pass")), "cv= does not fit");
  EXPECT_EQ(problem(set_of("1", "none") + set_of("2", "none")), "cv= does not fit");
  EXPECT_EQ(problem(set_of("1", "none") + set_of("2", "fail")), "cv= does not fit");
  EXPECT_EQ(problem(set_of("2", "pass")), "an instance lacks a field");
  EXPECT_EQ(problem(set_of("1", "none") + set_of("1", "none")),
            "an instance has a field twice");
  EXPECT_EQ(problem(set_of("0", "none")), "a field has no instance");
  EXPECT_EQ(problem(set_of("51", "none")), "a field has no instance");
  EXPECT_EQ(problem(set_of("x", "none")), "a field has no instance");
  EXPECT_EQ(problem("ARC-Seal: broken\n"), "a field has no instance");
  EXPECT_EQ(problem("ARC-Authentication-Results: none\n"), "a field has no instance");
}

TEST(ArcChain, AFieldWithoutAPlaceHidesNoOther) {
  for (const char* const first : {"ARC-Seal: broken\n", "ARC-Seal: i=0\n", "ARC-Seal: i=1\n"}) {
    const MessageHeader header(first + set_of("3", "pass") + set_of("1", "none"));
    EXPECT_NE(read_arc_chain(header).problem, "");
    EXPECT_EQ(read_arc_chain(header).sets.size(), 3U) << first;
  }
  const MessageHeader beyond(set_of("51", "pass") + set_of("1", "none"));
  EXPECT_EQ(read_arc_chain(beyond).sets.size(), kArcSetsMax);
}

TEST(ArcChain, ASealSignsAllSetsUpToItsOwn) {
  const MessageHeader header(set_of("2", "pass") + set_of("1", "none"));
  const auto chain = read_arc_chain(header);
  const std::string first = sealed_text(chain, 1);
  EXPECT_TRUE(first.starts_with("arc-authentication-results:i=1; x; none\r\n"));
  EXPECT_TRUE(first.ends_with("arc-seal:i=1; cv=none; a=rsa-sha256; d=d.example; s=s; b="));
  const std::string second = sealed_text(chain, 2);
  EXPECT_NE(second.find("s=s; b=AAAA\r\narc-authentication-results:i=2"), std::string::npos);
  EXPECT_TRUE(second.ends_with("arc-seal:i=2; cv=pass; a=rsa-sha256; d=d.example; s=s; b="));
}

}  // namespace
}  // namespace reqmail::auth822
