#include "dnscheck/targets.h"

#include <gtest/gtest.h>

#include "tests/unit/dnscheck/support.h"

namespace reqmail::dnscheck {
namespace {

using auth822::RecordType;

TEST(Targets, WhereANameLeads) {
  const Host host = usual_subject().host;
  FakeAnswers answers;
  answers.a("other.example", "198.51.100.1");
  answers.a("mail.d.example", "198.51.100.1");
  answers.a("mail.d.example", "192.0.2.1");
  answers.fail(RecordType::a, "silent.example");
  answers.fail(RecordType::a, "six.example");
  answers.add(RecordType::aaaa, "six.example", "2001:db8::1");
  ask_addresses({"other.example", "mail.d.example"}, answers);
  EXPECT_EQ(target_of("mail.d.example", host, answers), Target::here);
  EXPECT_EQ(target_of("other.example", host, answers), Target::elsewhere);
  EXPECT_EQ(target_of("none.example", host, answers), Target::nowhere);
  EXPECT_EQ(target_of("silent.example", host, answers), Target::unknown);
  EXPECT_EQ(target_of("six.example", host, answers), Target::elsewhere);
}

}  // namespace
}  // namespace reqmail::dnscheck
