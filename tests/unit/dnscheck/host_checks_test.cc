#include "dnscheck/host_checks.h"

#include <gtest/gtest.h>

#include "tests/unit/dnscheck/support.h"

namespace reqmail::dnscheck {
namespace {

using auth822::RecordType;
using Lines = std::vector<std::string>;

constexpr char kReverse[] = "1.2.0.192.in-addr.arpa";
constexpr char kPublish[] = "; publish: 1.2.0.192.in-addr.arpa. IN PTR mail.d.example.";

class HostChecksTest : public ::testing::Test {
 protected:
  template <typename Check>
  Lines run(Check check) {
    Report report("d.example");
    check(host_, answers_, report);
    return lines_of(report);
  }

  Host host_ = usual_subject().host;
  FakeAnswers answers_;
};

TEST_F(HostChecksTest, ReverseNames) {
  EXPECT_EQ(run(check_reverse_names),
            Lines{std::string("critical ptr: 192.0.2.1 has no name") + kPublish});
  answers_.add(RecordType::ptr, kReverse, "other.example");
  EXPECT_EQ(run(check_reverse_names),
            Lines{std::string("critical ptr: 192.0.2.1 has the name other.example, which does "
                              "not have the address") +
                  kPublish});
  answers_.a("other.example", "192.0.2.9");
  answers_.a("other.example", "192.0.2.1");
  EXPECT_EQ(run(check_reverse_names), Lines{"ok ptr: 192.0.2.1 has the name other.example, "
                                            "which has the address"});
  answers_.fail(RecordType::ptr, kReverse);
  EXPECT_EQ(run(check_reverse_names),
            Lines{"unknown ptr: no name server tells the name of 192.0.2.1"});
}

TEST_F(HostChecksTest, ReverseNameOfVersion6) {
  host_.addresses[0].address = *base::IpAddress::parse("2001:db8::1");
  const std::string name =
      "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
  answers_.add(RecordType::ptr, name, "mail.d.example");
  answers_.add(RecordType::aaaa, "mail.d.example", "2001:db8::1");
  EXPECT_EQ(run(check_reverse_names), Lines{"ok ptr: 2001:db8::1 has the name mail.d.example, "
                                            "which has the address"});
}

TEST_F(HostChecksTest, WithoutAnAddressNothingIsKnown) {
  host_.addresses.clear();
  EXPECT_EQ(run(check_reverse_names).size(), 1U);
  EXPECT_TRUE(run(check_reverse_names)[0].starts_with("unknown ptr: "));
  EXPECT_EQ(run(check_hello_names), Lines{});
}

TEST_F(HostChecksTest, HelloNames) {
  const std::string record = "; publish: mail.d.example. IN A 192.0.2.1";
  const std::string said = "mail.d.example, said by 192.0.2.1,";
  EXPECT_EQ(run(check_hello_names),
            Lines{"critical helo: " + said + " does not have an address" + record});
  answers_.a("mail.d.example", "192.0.2.7");
  EXPECT_EQ(run(check_hello_names),
            Lines{"warning helo: " + said + " has another address" + record});
  answers_.a("mail.d.example", "192.0.2.1");
  EXPECT_EQ(run(check_hello_names), Lines{"ok helo: " + said + " has this address"});
  answers_.add(RecordType::ptr, kReverse, "other.example");
  answers_.a("other.example", "192.0.2.1");
  EXPECT_EQ(run(check_hello_names),
            Lines{"warning helo: " + said +
                  " is not the name of the address, which is other.example; put other.example "
                  "into control/helohost"});
  answers_.add(RecordType::ptr, kReverse, "Mail.d.example");
  EXPECT_EQ(run(check_hello_names), Lines{"ok helo: " + said + " has this address"});
  answers_.fail(RecordType::a, "mail.d.example");
  EXPECT_EQ(run(check_hello_names),
            Lines{"unknown helo: no name server tells the address of mail.d.example"});
  host_.addresses[0].hello = "localhost";
  EXPECT_TRUE(run(check_hello_names)[0].starts_with("critical helo: localhost, said by"));
}

TEST_F(HostChecksTest, ListsOfClients) {
  for (const char* line : {"bad.example", "+good.example", "some.example=127.0.0.4"}) {
    host_.lists.push_back(*proto::parse_dns_list(line));
  }
  EXPECT_EQ(run(check_lists), (Lines{"ok dnsbl: bad.example does not list 192.0.2.1",
                                     "ok dnsbl: good.example does not list 192.0.2.1",
                                     "ok dnsbl: some.example does not list 192.0.2.1"}));
  for (const char* zone : {"bad.example", "good.example", "some.example"}) {
    answers_.a(std::string("1.2.0.192.") + zone, "127.0.0.2");
  }
  answers_.txt("1.2.0.192.bad.example", "spam was seen");
  EXPECT_EQ(
      run(check_lists),
      (Lines{"critical dnsbl: bad.example lists 192.0.2.1: spam was seen; find the cause, "
             "then ask bad.example to remove it",
             "ok dnsbl: good.example lists 192.0.2.1",
             "ok dnsbl: some.example does not list 192.0.2.1"}));
}

TEST_F(HostChecksTest, AListThatRefusesToAnswer) {
  host_.lists.push_back(*proto::parse_dns_list("bad.example"));
  answers_.a("1.2.0.192.bad.example", "127.255.255.254");
  EXPECT_EQ(run(check_lists), Lines{"unknown dnsbl: bad.example gives no usable answer about "
                                    "192.0.2.1; ask it through a name server of your own"});
}

}  // namespace
}  // namespace reqmail::dnscheck
