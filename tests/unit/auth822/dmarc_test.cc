#include <gtest/gtest.h>

#include <set>

#include "auth822/author.h"
#include "auth822/dmarc_check.h"
#include "auth822/dmarc_record.h"
#include "mail/idna.h"
#include "mail/idna_conversion.h"
#include "tests/unit/support/with_libidn2.h"

namespace reqmail::auth822 {
namespace {

Author author(const std::string& header) {
  return find_author(MessageHeader(header));
}

TEST(Author, OneDomain) {
  EXPECT_EQ(author("From: Ann <ann@D.example>\n").domain, "d.example");
  EXPECT_EQ(author("From: a@d.example, b@D.EXAMPLE.\n").domain, "d.example");
  EXPECT_EQ(author("FROM: \"x@trust.example\" <eve@d.example>\n").domain, "d.example");
  EXPECT_EQ(author("From: (x@trust.example) eve@d.example\n").domain, "d.example");
  EXPECT_EQ(author("From: Ann\n <ann@\n d.example>\n").domain, "d.example");
}

TEST(Author, ULabelsBecomeALabels) {
  if (mail::can_convert_u_labels()) {
    EXPECT_EQ(author("From: Ann <ann@B\u00dcCHER.example>, b@xn--bcher-kva.example\n").domain,
              "xn--bcher-kva.example");
  }
  if (mail::can_convert_u_labels()) {
    EXPECT_EQ(author("From: Ann <ann@b\u00fc\u2028.example>\n").fault,
              Author::Fault::malformed);
  }
}

TEST(Author, WhenNobodyConverts) {
  mail::convert_u_labels_by(
      [](const std::string&) -> Result<std::string> { return temporary("not today"); });
  EXPECT_EQ(author("From: Ann <ann@b\u00fccher.example>\n").fault,
            Author::Fault::not_converted);
  EXPECT_EQ(author("From: Ann <ann@d.example>\n").domain, "d.example");
  mail::convert_u_labels_by(mail::convert_by_libidn2);
}

TEST(Author, NoneOrSeveral) {
  EXPECT_EQ(author("To: x\n").problem, "no From field");
  EXPECT_EQ(author("From: a@d.example\nFrom: a@d.example\n").problem, "several From fields");
  EXPECT_EQ(author("From: a@d.example, b@e.example\n").problem, "authors of several domains");
  for (const char* const header :
       {"To: x\n", "From: a@d.example\nFrom: x\n", "From: a@d.example, b@e.example\n"}) {
    EXPECT_EQ(author(header).fault, Author::Fault::not_single) << header;
  }
}

TEST(Author, WithoutADomain) {
  for (const char* const header : {"From: nobody:;\n", "From:\n", "From: ann\n", "From: <>\n",
                                   "From: ann@\n", "From: <ann@[192.0.2.1]>\n"}) {
    EXPECT_EQ(author(header).fault, Author::Fault::no_domain) << header;
    EXPECT_EQ(author(header).problem, "the author has no domain");
  }
  // A comma that should be in quotes.
  EXPECT_EQ(author("From: Smith, Ann <ann@d.example>\n").domain, "d.example");
}

TEST(Author, Malformed) {
  EXPECT_EQ(author("From: \"open\n").problem, "From cannot be read");
  const std::string label(64, 'a');
  for (const std::string& header :
       {std::string("From: \"open\n"), std::string("From: ann@d..example\n"),
        std::string("From: ann@d\x01.example\n"), "From: ann@" + label + ".example\n",
        std::string("From: a@d.example, b@e..example\n")}) {
    EXPECT_EQ(author(header).fault, Author::Fault::malformed) << header;
    EXPECT_FALSE(author(header).domain);
  }
}

TEST(DmarcRecord, Tags) {
  const auto record = find_dmarc_record(
      {"v=spf1 -all",
       "v=DMARC1; p=Reject; sp=none; np=quarantine; adkim=s; aspf=S; t=y; psd=n; "
       "rua=mailto:a@d.example; pct=50; junk"});
  ASSERT_TRUE(record);
  EXPECT_EQ(record->policy, DmarcPolicy::reject);
  EXPECT_EQ(record->subdomains, DmarcPolicy::none);
  EXPECT_EQ(record->nonexistent, DmarcPolicy::quarantine);
  EXPECT_TRUE(record->strict_dkim && record->strict_spf && record->testing);
  EXPECT_EQ(record->suffix, PublicSuffix::no);
  EXPECT_EQ(record->reports, "mailto:a@d.example");
}

TEST(DmarcRecord, WhatIsNone) {
  EXPECT_FALSE(find_dmarc_record({}));
  EXPECT_FALSE(find_dmarc_record({"v=dmarc1; p=reject"}));
  EXPECT_FALSE(find_dmarc_record({"p=reject; v=DMARC1"}));
  EXPECT_FALSE(find_dmarc_record({"v=DMARC1; p=reject", "v=DMARC1; p=none"}));
  EXPECT_FALSE(find_dmarc_record({"v=DMARC1; p=destroy"}));
  EXPECT_EQ(find_dmarc_record({"v=DMARC1; p=destroy; rua=mailto:x@y.example"})->policy,
            DmarcPolicy::none);
}

// RFC 9989 section 4.10.1.
TEST(DmarcRecord, APolicyWithoutSense) {
  for (const char* const policies : {"sp=reject", "p=reject; sp=destroy", "p=reject; np=no",
                                     "p=reject; sp=", "p=; sp=reject"}) {
    const std::string text = std::string("v=DMARC1; ") + policies;
    EXPECT_FALSE(find_dmarc_record({text})) << text;
    for (const char* const reports : {"", "d@example.com", "mailto:", "1x:y"}) {
      EXPECT_FALSE(find_dmarc_record({text + "; rua=" + reports})) << text << reports;
    }
    const auto record = find_dmarc_record({text + "; rua=x, mailto:d@example.com"});
    ASSERT_TRUE(record) << text;
    EXPECT_EQ(record->policy, DmarcPolicy::none) << text;
    EXPECT_FALSE(record->subdomains || record->nonexistent) << text;
    EXPECT_TRUE(find_dmarc_record({text + "; psd=n"})) << text;
  }
}

struct Outcome {
  DmarcResult result;
  std::set<std::string> asked;
};

// Names that are not in `zone` do not exist. The value "?" makes the look-up fail, and an empty
// value is an A record.
Outcome check(DmarcRequest request, const std::map<std::string, std::string>& zone,
              const std::string& from = "d.example") {
  request.author.domain = from;
  DmarcCheck check(std::move(request));
  Outcome outcome;
  while (!check.result()) {
    const auto wants = check.wants();
    EXPECT_FALSE(wants.empty());
    for (const DnsQuestion& wanted : wants) {
      outcome.asked.insert(wanted.name);
      const auto found = zone.find(wanted.name);
      DnsFacts facts{DnsStatus::nothing, {}, {}, {}};
      if (found != zone.end() && found->second == "?") {
        facts.status = DnsStatus::temporary;
      } else if (found != zone.end() &&
                 (wanted.type == RecordType::txt || found->second.empty())) {
        facts.status = DnsStatus::found;
        facts.texts = {found->second};
      }
      check.answer(wanted, facts);
    }
  }
  outcome.result = *check.result();
  return outcome;
}

DmarcRequest dkim(std::string domain) {
  DmarcRequest request;
  request.dkim = {{std::move(domain), AuthWord::pass}};
  return request;
}

TEST(DmarcCheck, AsksForParentsOnlyWhereAnOrganizationMatters) {
  using Names = std::set<std::string>;
  const std::map<std::string, std::string> zone = {{"_dmarc.d.example", "v=DMARC1; p=reject"}};
  EXPECT_EQ(check(dkim("D.example"), zone).asked, Names({"_dmarc.d.example"}));
  EXPECT_EQ(check({}, zone).asked, Names({"_dmarc.d.example"}));
  EXPECT_EQ(check(dkim("d.example"), {}).asked, Names({"_dmarc.d.example", "_dmarc.example"}));
  EXPECT_EQ(check(dkim("m.d.example"), zone).asked,
            Names({"_dmarc.d.example", "_dmarc.example", "_dmarc.m.d.example"}));
  DmarcRequest spf = dkim("d.example");
  spf.spf = {"m.d.example", AuthWord::pass};
  const Outcome both = check(spf, zone);
  EXPECT_TRUE(both.result.spf_aligned && both.result.dkim_aligned);
  const std::map<std::string, std::string> strict = {
      {"_dmarc.d.example", "v=DMARC1; p=reject; aspf=s"}};
  EXPECT_EQ(check(spf, strict).asked, Names({"_dmarc.d.example"}));
  EXPECT_FALSE(check(spf, strict).result.spf_aligned);
}

TEST(DmarcCheck, Alignment) {
  const std::map<std::string, std::string> zone = {{"_dmarc.d.example", "v=DMARC1; p=reject"}};
  EXPECT_EQ(check(dkim("d.example"), zone).result.word, AuthWord::pass);
  EXPECT_EQ(check(dkim("Mail.D.example"), zone).result.word, AuthWord::pass);
  EXPECT_EQ(check(dkim("e.example"), zone).result.word, AuthWord::fail);
  EXPECT_EQ(check(dkim("d.example"), {}).result.word, AuthWord::none);
  const std::map<std::string, std::string> strict = {
      {"_dmarc.d.example", "v=DMARC1; p=reject; adkim=s"}};
  EXPECT_EQ(check(dkim("mail.d.example"), strict).result.word, AuthWord::fail);
  DmarcRequest spf;
  spf.spf = {"mail.d.example", AuthWord::pass};
  const DmarcResult passed = check(spf, strict).result;
  EXPECT_EQ(passed.word, AuthWord::pass);
  EXPECT_TRUE(passed.spf_aligned);
  EXPECT_FALSE(passed.dkim_aligned);
}

TEST(DmarcCheck, TheWalkHasEightQuestions) {
  const Outcome outcome = check({}, {}, "a.b.c.d.e.f.g.h.i.j.example");
  EXPECT_EQ(outcome.asked.size(), 8U);
  EXPECT_TRUE(outcome.asked.count("_dmarc.a.b.c.d.e.f.g.h.i.j.example"));
  EXPECT_TRUE(outcome.asked.count("_dmarc.e.f.g.h.i.j.example"));
  EXPECT_FALSE(outcome.asked.count("_dmarc.d.e.f.g.h.i.j.example"));
  EXPECT_TRUE(outcome.asked.count("_dmarc.example"));
}

TEST(DmarcCheck, PoliciesOfParents) {
  std::map<std::string, std::string> zone = {
      {"_dmarc.d.example", "v=DMARC1; p=reject; sp=quarantine; np=none"}};
  EXPECT_EQ(check({}, zone).result.policy, DmarcPolicy::reject);
  EXPECT_EQ(check({}, zone, "s.d.example").result.policy, DmarcPolicy::none);
  zone["s.d.example"] = "";
  EXPECT_EQ(check({}, zone, "s.d.example").result.policy, DmarcPolicy::quarantine);
  zone["_dmarc.d.example"] += "; t=y";
  EXPECT_EQ(check({}, zone, "s.d.example").result.policy, DmarcPolicy::none);
  EXPECT_EQ(check({}, zone).result.policy, DmarcPolicy::quarantine);
}

TEST(DmarcCheck, PublicSuffixes) {
  const std::map<std::string, std::string> zone = {{"_dmarc.bank", "v=DMARC1; p=reject; psd=y"},
                                                   {"_dmarc.one.bank", "v=DMARC1; p=none"}};
  EXPECT_EQ(check(dkim("two.bank"), zone, "one.bank").result.word, AuthWord::fail);
  EXPECT_EQ(check(dkim("m.one.bank"), zone, "one.bank").result.word, AuthWord::pass);
  EXPECT_EQ(check({}, zone, "three.bank").result.policy, DmarcPolicy::reject);
}

TEST(DmarcCheck, TroubleIsNoVerdict) {
  EXPECT_EQ(check({}, {{"_dmarc.d.example", "?"}}).result.word, AuthWord::temperror);
  EXPECT_EQ(check({}, {{"_dmarc.example", "?"}}).result.word, AuthWord::temperror);
  const std::map<std::string, std::string> zone = {{"_dmarc.d.example", "v=DMARC1; p=reject"},
                                                   {"_dmarc.m.d.example", "?"}};
  EXPECT_EQ(check(dkim("m.d.example"), zone).result.word, AuthWord::temperror);
  EXPECT_EQ(check(dkim("d.example"), zone).result.word, AuthWord::pass);
  DmarcRequest lost;
  lost.spf = {"d.example", AuthWord::temperror};
  EXPECT_EQ(check(lost, zone).result.word, AuthWord::temperror);
}

TEST(DmarcCheck, WithoutAnAuthor) {
  DmarcRequest request;
  request.author.problem = "no From field";
  DmarcCheck check(request);
  ASSERT_TRUE(check.result());
  EXPECT_EQ(check.result()->word, AuthWord::permerror);
  request.author.fault = Author::Fault::not_converted;
  EXPECT_EQ(DmarcCheck(request).result()->word, AuthWord::temperror);
}

}  // namespace
}  // namespace reqmail::auth822
