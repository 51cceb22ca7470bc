// The sender's domain and lists of clients, by answers of the DNS.
#include <gtest/gtest.h>

#include "auth822/dns_list_check.h"
#include "auth822/sender_domain_check.h"

namespace reqmail::auth822 {
namespace {

using Domain = mail::SenderDomain;
using Listed = mail::ListFinding::Status;

const DnsFacts kNothing{DnsStatus::nothing, {}, {}, {}};
const DnsFacts kFailed;
const DnsFacts kAddress{DnsStatus::found, {*base::IpAddress::parse("127.0.0.2")}, {}, {}};
const DnsFacts kMx{DnsStatus::found, {}, {"mx.b.example"}, {}};
const DnsFacts kNullMx{DnsStatus::found, {}, {"."}, {}};

Domain domain_with(const DnsFacts& mx, const DnsFacts& a, const DnsFacts& aaaa) {
  SenderDomainCheck check("B.example");
  EXPECT_EQ(check.wants().size(), 3U);
  check.answer({RecordType::mx, "b.example"}, mx);
  check.answer({RecordType::a, "b.example"}, a);
  check.answer({RecordType::aaaa, "b.example"}, aaaa);
  EXPECT_TRUE(check.wants().empty());
  return check.result();
}

TEST(SenderDomainCheck, OneRecordIsEnough) {
  EXPECT_EQ(domain_with(kMx, kNothing, kNothing), Domain::exists);
  EXPECT_EQ(domain_with(kNothing, kAddress, kNothing), Domain::exists);
  EXPECT_EQ(domain_with(kNothing, kNothing, kAddress), Domain::exists);
  EXPECT_EQ(domain_with(kFailed, kAddress, kFailed), Domain::exists);
  EXPECT_EQ(domain_with(kNothing, kNothing, kNothing), Domain::missing);
  EXPECT_EQ(domain_with(kNothing, kFailed, kNothing), Domain::unknown);
  EXPECT_EQ(domain_with(kFailed, kNothing, kNothing), Domain::unknown);
}

TEST(SenderDomainCheck, ANullMxRefusesMailWhateverTheAddresses) {
  EXPECT_EQ(domain_with(kNullMx, kAddress, kAddress), Domain::refuses_mail);
}

TEST(SenderDomainCheck, WhatIsNoNameIsMissingWithoutAQuestion) {
  for (const char* domain : {"", "a..b", "."}) {
    const SenderDomainCheck check(domain);
    EXPECT_TRUE(check.wants().empty()) << domain;
    EXPECT_EQ(check.result(), Domain::missing) << domain;
  }
}

TEST(DnsListCheck, TextsAreAskedForWhereThereIsAnAddress) {
  DnsListCheck check({"1.bl.example", "1.other.example", "1.dead.example"});
  EXPECT_EQ(check.wants().size(), 3U);
  check.answer({RecordType::a, "1.other.example"}, kNothing);
  check.answer({RecordType::a, "1.dead.example"}, kFailed);
  check.answer({RecordType::a, "1.bl.example"}, kAddress);
  ASSERT_EQ(check.wants(),
            std::vector<DnsQuestion>{(DnsQuestion{RecordType::txt, "1.bl.example"})});
  check.answer({RecordType::txt, "1.bl.example"}, {DnsStatus::found, {}, {}, {"why", "more"}});
  const auto results = check.results();
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].status, Listed::found);
  EXPECT_EQ(results[0].addresses, kAddress.addresses);
  EXPECT_EQ(results[0].text, "why");
  EXPECT_EQ(results[1].status, Listed::nothing);
  EXPECT_EQ(results[2].status, Listed::failed);
}

TEST(DnsListCheck, AListWithoutTextListsAllTheSame) {
  DnsListCheck check({"1.bl.example"});
  check.answer({RecordType::a, "1.bl.example"}, kAddress);
  check.answer({RecordType::txt, "1.bl.example"}, kFailed);
  EXPECT_EQ(check.results()[0].status, Listed::found);
  EXPECT_EQ(check.results()[0].text, "");
}

}  // namespace
}  // namespace reqmail::auth822
