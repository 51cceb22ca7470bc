#include "net/dns_message.h"

#include <gtest/gtest.h>

#include "tests/unit/support/fake_dns.h"

namespace reqmail::net {
namespace {

using test::a_record;
using test::cname_record;
using test::mx_record;
using test::resource_record;
using test::response;
using test::u16;
using test::wire_name;

TEST(DnsName, TextToWireAndBack) {
  const auto name = DnsName::from_text("Mail.Example.ORG.");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->wire(), std::string("\4Mail\7Example\3ORG\0", 18));
  EXPECT_EQ(name->text(), "mail.example.org");
  EXPECT_EQ(*name, *DnsName::from_text("mail.example.org"));
  EXPECT_FALSE(*name == *DnsName::from_text("mail.example.com"));
  EXPECT_EQ(DnsName().text(), ".");
  EXPECT_TRUE(DnsName().root());
}

TEST(DnsName, WhatCannotBeEncoded) {
  const std::string label63(63, 'a');
  EXPECT_TRUE(DnsName::from_text(label63 + ".example"));
  // The name has 255 bytes with the lengths: 3 * 64 + 62 + 1.
  EXPECT_TRUE(
      DnsName::from_text(label63 + "." + label63 + "." + label63 + "." + std::string(61, 'b')));
  EXPECT_FALSE(
      DnsName::from_text(label63 + "." + label63 + "." + label63 + "." + std::string(62, 'b')));
  for (const std::string& bad :
       {std::string(64, 'a') + ".example", std::string(), std::string("."), std::string("a..b"),
        std::string(".a"), std::string("a..")}) {
    EXPECT_FALSE(DnsName::from_text(bad)) << bad;
  }
}

TEST(DnsQuery, HasQuestionAndEdns) {
  const auto name = *DnsName::from_text("x.example");
  const std::string question = wire_name("x.example") + u16(15) + u16(1);
  EXPECT_EQ(dns_query(0x1234, name, DnsType::mx, false),
            u16(0x1234) + u16(0x0100) + u16(1) + u16(0) + u16(0) + u16(0) + question);
  // AD in the flags.
  EXPECT_EQ(dns_query(7, name, DnsType::mx, false, true).substr(2, 2), "\x01\x20");
  EXPECT_EQ(dns_query(7, name, DnsType::mx, true),
            u16(7) + u16(0x0100) + u16(1) + u16(0) + u16(0) + u16(1) + question +
                std::string(1, '\0') + u16(41) + u16(kDnsUdpSize) + std::string(6, '\0'));
}

TEST(DnsAnswer, RecordsInOrder) {
  const auto answer = parse_dns_answer(
      response("x.example", 15,
               {cname_record("x.example", "y.example"), mx_record("y.example", 20, "b.example"),
                resource_record("y.example", 99, "\1t"), mx_record("y.example", 10, ""),
                a_record("b.example", "192.0.2.1"), a_record("b.example", "2001:db8::1")}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, DnsCode::no_error);
  ASSERT_EQ(answer->records.size(), 5U);
  EXPECT_EQ(answer->records[0].name.text(), "y.example");
  EXPECT_EQ(answer->records[1].preference, 20);
  EXPECT_EQ(answer->records[1].name.text(), "b.example");
  EXPECT_TRUE(answer->records[2].name.root());
  EXPECT_EQ(answer->records[3].address, std::string("\xc0\0\2\1", 4));
  EXPECT_EQ(answer->records[4].address.size(), 16U);
}

TEST(DnsAnswer, CompressedNames) {
  // The owner is a pointer to the question, and so is the end of the exchanger's name.
  std::string message = response("x.example", 15, {""});
  message += u16(0xc00c) + u16(15) + u16(1) + u16(0) + u16(60) + u16(7) + u16(10) + "\2mx" +
             u16(0xc00e);
  const auto answer = parse_dns_answer(message);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->records.at(0).owner.text(), "x.example");
  EXPECT_EQ(answer->records.at(0).name.text(), "mx.example");
}

TEST(DnsAnswer, LoopsAndForwardPointersAreMalformed) {
  const std::string start = response("x.example", 15, {""});
  const auto self = static_cast<unsigned>(0xc000 | start.size());
  for (const unsigned pointer : {self, self + 2, 0xffffU}) {
    EXPECT_FALSE(parse_dns_answer(start + u16(pointer) + u16(1) + u16(1) + u16(0) + u16(60) +
                                  u16(4) + "abcd"))
        << pointer;
  }
  // Two names that point to each other.
  const std::string ping = "\1a" + u16(self + 6);
  EXPECT_FALSE(parse_dns_answer(start + ping + "\1b" + u16(self) + std::string(10, '\0')));
}

TEST(DnsAnswer, DataMustBeAsLongAsItSays) {
  const auto with = [](unsigned type, const std::string& data) {
    return parse_dns_answer(
        response("x.example", 1, {resource_record("x.example", type, data)}));
  };
  EXPECT_FALSE(with(1, "abc"));
  EXPECT_FALSE(with(1, "abcde"));
  EXPECT_FALSE(with(28, "abcd"));
  EXPECT_FALSE(with(15, "\1"));
  EXPECT_FALSE(with(15, u16(1) + wire_name("a.example") + "x"));
  EXPECT_FALSE(with(5, "\3abc"));
  EXPECT_FALSE(with(5, std::string("\x40"
                                   "abc\0",
                                   5)));
  EXPECT_TRUE(with(99, "anything"));
  // A record of another class than IN is ignored.
  const auto chaos =
      parse_dns_answer(response("x.example", 1, {resource_record("x.example", 1, "abc", 3)}));
  ASSERT_TRUE(chaos);
  EXPECT_TRUE(chaos->records.empty());
}

TEST(DnsAnswer, CountsMustBeTrue) {
  std::string message = response("x.example", 1, {a_record("x.example", "192.0.2.1"), ""});
  EXPECT_FALSE(parse_dns_answer(message));
  message[7] = 1;
  EXPECT_TRUE(parse_dns_answer(message));
  // A record that is not counted makes the answer invalid: a negative answer must be valid to
  // its end.
  message[7] = 0;
  EXPECT_FALSE(parse_dns_answer(message));
}

TEST(DnsAnswer, NegativeAnswersMayHaveOtherSections) {
  std::string message = response("x.example", 1, {}, test::kNoSuchName);
  message[9] = 1;
  message += resource_record("example", 6, wire_name("ns.example") + "rest of the SOA");
  message[11] = 1;
  message += std::string(1, '\0') + u16(41) + u16(4096) + std::string(4, '\0') + u16(0);
  const auto answer = parse_dns_answer(message);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, DnsCode::no_such_name);
  EXPECT_FALSE(parse_dns_answer(message + "x"));
}

TEST(DnsAnswer, TruncatedAndQueriesAreNoAnswers) {
  EXPECT_FALSE(parse_dns_answer(response("x.example", 1, {}, 0, 0x0200)));
  EXPECT_FALSE(
      parse_dns_answer(dns_query(1, *DnsName::from_text("x.example"), DnsType::a, true)));
  EXPECT_FALSE(parse_dns_answer(""));
}

TEST(DnsAnswer, LongNamesOverflowNothing) {
  std::string name;
  for (int i = 0; i < 5; ++i) {
    name += "\x3f" + std::string(63, 'a');
  }
  name.push_back('\0');
  EXPECT_FALSE(parse_dns_answer(
      response("x.example", 1, {name + u16(1) + u16(1) + u16(0) + u16(60) + u16(4) + "abcd"})));
}

// Truncates an answer at every length and changes each of its bytes: nothing may crash, and a
// truncated answer is never accepted.
TEST(DnsAnswer, SurvivesEveryCutAndEveryByte) {
  const std::string whole =
      response("x.example", 15,
               {cname_record("x.example", "y.example"),
                mx_record("y.example", 10, "mx.example"), a_record("mx.example", "192.0.2.1")});
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    EXPECT_FALSE(parse_dns_answer(std::string_view(whole).substr(0, cut))) << cut;
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string changed = whole;
      changed[at] = static_cast<char>(value);
      (void)parse_dns_answer(changed);
    }
  }
}

TEST(DnsAnswer, OddNamesAreShownSafely) {
  const auto answer = parse_dns_answer(response(
      "x.example", 12, {resource_record("x.example", 12, std::string("\5a.b\0C\1d\0", 9))}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->records.at(0).name.text(), "a?b?c.d");
}

TEST(DnsAnswer, StringsOfATextAreJoined) {
  const auto answer = parse_dns_answer(response(
      "x.example", 16, {resource_record("x.example", 16, std::string("\3abc\0\2de", 8))}));
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->records.size(), 1U);
  EXPECT_EQ(answer->records[0].type, DnsType::txt);
  EXPECT_EQ(answer->records[0].text, "abcde");
  for (const char* bad : {"\4abc", "\3abc\1", "\xff"}) {
    EXPECT_FALSE(
        parse_dns_answer(response("x.example", 16, {resource_record("x.example", 16, bad)})))
        << bad;
  }
}

TEST(DnsAnswer, SaysWhetherItWasVerified) {
  const std::vector<std::string> records = {a_record("x.example", "192.0.2.1")};
  EXPECT_FALSE(parse_dns_answer(response("x.example", 1, records))->authenticated);
  EXPECT_TRUE(parse_dns_answer(response("x.example", 1, records, 0, 0x20))->authenticated);
}

// Makes a reply with this id, flags, and questions.
std::string reply(unsigned id, unsigned flags, const std::vector<std::string>& questions) {
  std::string message = u16(id) + u16(flags) + u16(static_cast<unsigned>(questions.size())) +
                        u16(0) + u16(0) + u16(0);
  for (const std::string& question : questions) {
    message += question;
  }
  return message;
}

TEST(DnsReply, MustAnswerTheQuery) {
  const auto name = *DnsName::from_text("x.example");
  const std::string question = wire_name("X.example") + u16(16) + u16(1);
  const auto matches = [&](const std::string& message) {
    return match_dns_reply(message, 7, name, DnsType::txt);
  };
  const auto head = matches(reply(7, 0x8182, {question}));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->code, DnsCode::server_failure);
  EXPECT_FALSE(head->truncated);
  EXPECT_TRUE(matches(reply(7, 0x8380, {question}))->truncated);
  EXPECT_FALSE(matches(reply(8, 0x8180, {question}))) << "another id";
  EXPECT_FALSE(matches(reply(7, 0x0180, {question}))) << "a query";
  EXPECT_FALSE(matches(reply(7, 0x8180, {}))) << "no question";
  EXPECT_TRUE(matches(reply(7, 0x8181, {}))) << "not understood";
  EXPECT_FALSE(matches(reply(7, 0x8180, {question, question}))) << "two questions";
  EXPECT_FALSE(matches(reply(7, 0x8180, {wire_name("y.example") + u16(16) + u16(1)})));
  EXPECT_FALSE(matches(reply(7, 0x8180, {wire_name("x.example") + u16(1) + u16(1)})));
  EXPECT_FALSE(matches(reply(7, 0x8180, {wire_name("x.example") + u16(16) + u16(3)})));
  EXPECT_FALSE(matches(reply(7, 0x8180, {question.substr(0, 5)})));
  EXPECT_FALSE(matches("short"));
}

}  // namespace
}  // namespace reqmail::net
