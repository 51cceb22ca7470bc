#include "auth822/report_targets.h"

#include <gtest/gtest.h>

#include <map>

#include "auth822/dmarc_walk.h"

namespace reqmail::auth822 {
namespace {

using Names = std::vector<std::string>;

Names names(const std::vector<ReportTarget>& targets) {
  Names found;
  for (const ReportTarget& target : targets) {
    found.push_back(target.address +
                    (target.limit > 0 ? "!" + std::to_string(target.limit) : std::string()));
  }
  return found;
}

TEST(ReportTargets, ListsOfUris) {
  EXPECT_EQ(names(report_targets("mailto:a@b.example")), Names{"a@b.example"});
  EXPECT_EQ(names(report_targets(" mailto:a@B.example!10m , MAILTO:c%21d@e.example!3 ")),
            (Names{"a@B.example!10485760", "c!d@e.example!3"}));
  EXPECT_EQ(report_targets("mailto:a@B.example").front().host, "b.example");
  EXPECT_EQ(names(report_targets("https://x.example/,mailto:a@b.example?subject=x")),
            Names{"a@b.example"});
  for (const char* text :
       {"", "mailto:", "mailto:a", "mailto:a@", "mailto:@b.example", "mailto:a@b.example!",
        "mailto:a@b.example!10x", "mailto:a@b.example!99999999999t", "mailto:a%0Ab@c.example",
        "mailto:a%2", "mailto:a%zz@b.example", "mailto:a b@c.example", "mailto:a@[192.0.2.1]",
        "mailto:a@b.example>", "a@b.example"}) {
    EXPECT_TRUE(report_targets(text).empty()) << text;
  }
  std::string many;
  for (int i = 0; i < 30; ++i) {
    many += "mailto:a" + std::to_string(i) + "@b.example,";
  }
  EXPECT_EQ(report_targets(many).size(), kReportTargetsMax);
  EXPECT_EQ(report_targets("mailto:a@b.example,mailto:a@b.example").size(), 1U);
}

// Answers from a zone; "?" means that the look-up fails.
ReportTargetCheck::Result check(const std::string& domain, std::string_view uris,
                                const std::map<std::string, std::string>& zone) {
  ReportTargetCheck made(domain, report_targets(uris));
  int rounds = 0;
  while (!made.result()) {
    EXPECT_FALSE(made.wants().empty());
    if (made.wants().empty() || ++rounds > 50) {
      return {};
    }
    const DnsQuestion question = made.wants().front();
    const auto found = zone.find(question.name);
    DnsFacts facts;
    if (found == zone.end()) {
      facts.status = DnsStatus::nothing;
    } else if (found->second != "?") {
      facts.status = DnsStatus::found;
      facts.texts = {found->second};
    }
    made.answer(question, facts);
  }
  return *made.result();
}

TEST(ReportTargets, OfTheSameOrganizationNeedNoConsent) {
  EXPECT_EQ(names(check("d.example", "mailto:a@d.example,mailto:b@in.d.example", {}).targets),
            (Names{"a@d.example", "b@in.d.example"}));
  const std::map<std::string, std::string> zone = {{"_dmarc.sub.d.example", "v=DMARC1; p=none"},
                                                   {"_dmarc.d.example", "v=DMARC1; p=none"}};
  EXPECT_EQ(names(check("sub.d.example", "mailto:a@d.example", zone).targets),
            Names{"a@d.example"});
}

TEST(ReportTargets, OthersMustHaveAgreed) {
  const std::string name = "d.example._report._dmarc.other.example";
  const std::string uri = "mailto:a@other.example";
  EXPECT_TRUE(check("d.example", uri, {}).targets.empty());
  EXPECT_TRUE(check("d.example", uri, {{name, "v=spf1"}}).targets.empty());
  EXPECT_EQ(names(check("d.example", uri, {{name, "v=DMARC1"}}).targets),
            Names{"a@other.example"});
  EXPECT_EQ(
      names(check("d.example", uri, {{name, "v=DMARC1; rua=mailto:in@other.example"}}).targets),
      Names{"in@other.example"});
  EXPECT_TRUE(check("d.example", uri, {{name, "v=DMARC1; rua=mailto:x@victim.example"}})
                  .targets.empty());
  // The owner of a name below a public suffix is not the suffix's.
  EXPECT_TRUE(
      check("d.example", "mailto:a@example", {{"_dmarc.example", "v=DMARC1; p=none; psd=y"}})
          .targets.empty());
}

TEST(ReportTargets, AFailedLookUpIsUncertain) {
  const auto result = check("d.example", "mailto:a@d.example,mailto:b@other.example",
                            {{"d.example._report._dmarc.other.example", "?"}});
  EXPECT_TRUE(result.uncertain);
  EXPECT_EQ(names(result.targets), Names{"a@d.example"});
  EXPECT_FALSE(check("d.example", "", {}).uncertain);
}

TEST(DmarcWalk, TheOrganizationIsTheHighestRecord) {
  KnownFacts facts;
  EXPECT_FALSE(walk_from("a.b.example", facts).known);
  EXPECT_EQ(facts.wants().size(), 3U);
  for (const DnsQuestion& question : std::vector<DnsQuestion>(facts.wants())) {
    const bool is_there = question.name == "_dmarc.b.example";
    facts.answer(question, {is_there ? DnsStatus::found : DnsStatus::nothing,
                            {},
                            {},
                            is_there ? Names{"v=DMARC1; p=none"} : Names()});
  }
  EXPECT_EQ(walk_from("a.b.example", facts).organization, "b.example");
  EXPECT_TRUE(dmarc_record_at("b.example", facts));
  EXPECT_FALSE(dmarc_record_at("a.b.example", facts));
}

}  // namespace
}  // namespace reqmail::auth822
