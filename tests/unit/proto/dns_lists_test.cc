// Lines of control/dnsbllist, and the results of the lists' answers.
#include "proto/dns_lists.h"

#include <gtest/gtest.h>

namespace reqmail::proto {
namespace {

using Word = ListVerdict::Word;
using Status = mail::ListFinding::Status;

const base::IpAddress kClient = *base::IpAddress::parse("192.0.2.99");

DnsList list(std::string_view line) {
  const auto parsed = parse_dns_list(line);
  EXPECT_TRUE(parsed) << line;
  return parsed ? *parsed : DnsList();
}

mail::ListFinding found(std::string_view address, std::string text = "a reason") {
  return {Status::found, {*base::IpAddress::parse(address)}, std::move(text)};
}

ListsOutcome judged(const std::vector<std::string_view>& lines,
                    const std::vector<mail::ListFinding>& findings,
                    bool errors_refuse = false) {
  std::vector<DnsList> lists;
  lists.reserve(lines.size());
  for (const std::string_view line : lines) {
    lists.push_back(list(line));
  }
  return judge_lists(lists, findings, kClient, errors_refuse);
}

Word word(const std::vector<std::string_view>& lines,
          const std::vector<mail::ListFinding>& findings) {
  return judged(lines, findings).verdict.word;
}

TEST(DnsLists, SignsAndTexts) {
  EXPECT_EQ(list("bl.example").word, Word::delay);
  EXPECT_EQ(list("-bl.example").word, Word::reject);
  EXPECT_EQ(list("+bl.example").word, Word::accept);
  EXPECT_EQ(list("=bl.example").word, Word::ignore);
  EXPECT_EQ(list("bl.example:-go away").word, Word::reject);
  EXPECT_EQ(list("bl.example:-go away").text, "go away");
  EXPECT_EQ(list("+bl.example:-x").word, Word::accept);
  EXPECT_EQ(list("bl.example=127.0.0.2:see http://x.example/").text, "see http://x.example/");
  EXPECT_EQ(list("-bl.example=127.0.0.2,127.0.0.4-11").filter.size(), 2U);
}

TEST(DnsLists, LinesWithoutSense) {
  for (const char* line : {"", "-", "bl example", "bl..example", ".example",
                           "bl.example=", "bl.example=127.0.0.2,", "bl.example=127.0.0.9-2",
                           "bl.example=127.0.0.9-256", "bl.example=::1", "b%.example"}) {
    EXPECT_FALSE(parse_dns_list(line)) << line;
  }
}

TEST(DnsLists, NamesOfBothFamilies) {
  EXPECT_EQ(list_query(list("bl.example"), kClient), "99.2.0.192.bl.example");
  EXPECT_EQ(list_query(list("bl.example"), *base::IpAddress::parse("2001:db8::1")),
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example");
}

TEST(DnsLists, WhatCountsAsAListing) {
  EXPECT_EQ(word({"bl.example"}, {found("127.0.0.2")}), Word::delay);
  EXPECT_EQ(word({"bl.example"}, {found("127.1.0.1")}), Word::delay);
  for (const char* address : {"127.0.0.1", "127.255.255.254", "127.255.255.255", "192.0.2.1"}) {
    const auto outcome = judged({"bl.example"}, {found(address)});
    EXPECT_EQ(outcome.verdict.word, Word::pass) << address;
    ASSERT_EQ(outcome.notes.size(), 1U) << address;
    EXPECT_EQ(outcome.notes[0].word, "dnserr");
  }
  EXPECT_EQ(word({"bl.example"}, {{Status::nothing, {}, {}}}), Word::pass);
}

TEST(DnsLists, AFilterTakesItsAddressesAlone) {
  constexpr std::string_view kLine = "bl.example=127.0.0.4,127.0.0.9-11";
  for (const char* address : {"127.0.0.4", "127.0.0.9", "127.0.0.10", "127.0.0.11"}) {
    EXPECT_EQ(word({kLine}, {found(address)}), Word::delay) << address;
  }
  for (const char* address : {"127.0.0.2", "127.0.0.8", "127.0.0.12", "127.0.1.10"}) {
    const auto outcome = judged({kLine}, {found(address)});
    EXPECT_EQ(outcome.verdict.word, Word::pass) << address;
    EXPECT_TRUE(outcome.notes.empty()) << address;
  }
}

TEST(DnsLists, TheFirstListingDecides) {
  const std::vector<mail::ListFinding> both = {found("127.0.0.2"), found("127.0.0.3")};
  EXPECT_EQ(word({"+wl.example", "-bl.example"}, both), Word::accept);
  EXPECT_EQ(word({"-bl.example", "+wl.example"}, both), Word::reject);
  EXPECT_EQ(word({"=log.example", "-bl.example"}, both), Word::ignore);
}

TEST(DnsLists, TheTextOfTheLineThenOfTheListThenOurs) {
  EXPECT_EQ(judged({"bl.example:no %IP%, %IP%"}, {found("127.0.0.2")}).verdict.text,
            "no 192.0.2.99, 192.0.2.99");
  EXPECT_EQ(judged({"bl.example"}, {found("127.0.0.2", "a\r\nb")}).verdict.text, "a??b");
  EXPECT_EQ(judged({"bl.example"}, {found("127.0.0.2", "")}).verdict.text,
            "192.0.2.99 is listed by bl.example");
  EXPECT_EQ(
      judged({"bl.example"}, {found("127.0.0.2", std::string(600, 'x'))}).verdict.text.size(),
      500U);
}

TEST(DnsLists, ErrorsRefuseWhereTheyAreToldTo) {
  const mail::ListFinding failed;
  EXPECT_EQ(judged({"-bl.example"}, {failed}).verdict.word, Word::pass);
  EXPECT_EQ(judged({"-bl.example"}, {failed}).notes.at(0).query, "99.2.0.192.bl.example");
  const auto refused = judged({"-bl.example"}, {failed}, true);
  EXPECT_EQ(refused.verdict.word, Word::delay);
  EXPECT_EQ(refused.verdict.text, "temporary RBL lookup error");
  EXPECT_EQ(judged({"+wl.example", "bl.example"}, {failed, found("127.0.0.2", "x")}, true)
                .verdict.text,
            "x");
  EXPECT_EQ(judged({"=log.example"}, {failed}, true).verdict.word, Word::delay);
  EXPECT_EQ(judged({"=log.example"}, {failed}).verdict.word, Word::pass);
  // A list without an answer counts as failed.
  EXPECT_EQ(judged({"bl.example"}, {}, true).verdict.word, Word::delay);
}

TEST(DnsLists, TheVariableOfRblsmtpd) {
  EXPECT_EQ(verdict_of_variable("").word, Word::accept);
  EXPECT_EQ(verdict_of_variable("busy").word, Word::delay);
  EXPECT_EQ(verdict_of_variable("busy").text, "busy");
  EXPECT_EQ(verdict_of_variable("-never").word, Word::reject);
  EXPECT_EQ(verdict_of_variable("-never\n").text, "never?");
}

}  // namespace
}  // namespace reqmail::proto
