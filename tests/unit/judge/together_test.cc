// Several checks as one.
#include "judge/together.h"

#include <gtest/gtest.h>

#include "auth822/sender_domain_check.h"

namespace reqmail::judge {
namespace {

TEST(Together, EveryAnswerReachesEveryCheck) {
  auth822::SenderDomainCheck one("a.example");
  auth822::SenderDomainCheck same("a.example");
  auth822::SenderDomainCheck other("b.example");
  Together all;
  EXPECT_TRUE(all.wants().empty());
  all.add(one);
  all.add(same);
  all.add(other);
  EXPECT_EQ(all.wants().size(), 9U);
  while (!all.wants().empty()) {
    const auth822::DnsQuestion question = all.wants().front();
    const bool found = question.name == "a.example";
    all.answer(question, {found ? auth822::DnsStatus::found : auth822::DnsStatus::nothing,
                          {},
                          {"mx.a.example"},
                          {}});
  }
  EXPECT_EQ(one.result(), mail::SenderDomain::exists);
  EXPECT_EQ(same.result(), mail::SenderDomain::exists);
  EXPECT_EQ(other.result(), mail::SenderDomain::missing);
}

}  // namespace
}  // namespace reqmail::judge
