#include "survey/control_check.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "survey/routes_check.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::survey {
namespace {

using tests::Scratch;

class ControlCheck : public ::testing::Test {
 protected:
  Severity severity_of(const std::string& name, const std::string& content) {
    home_.put("control/" + name, content);
    Request request;
    request.home = home_("");
    for (const Finding& finding : check_control(request, programs_, Services{})) {
      if (finding.subject == home_("control/" + name)) {
        return finding.severity;
      }
    }
    ADD_FAILURE() << "nothing is said about " << name;
    return Severity::stop;
  }

  Scratch home_;
  OldPrograms programs_;
};

TEST_F(ControlCheck, EachFileHasItsVerdict) {
  EXPECT_EQ(severity_of("me", "host.example.org\n"), Severity::harmless);
  EXPECT_EQ(severity_of("policy", "a:L\n"), Severity::loss);
  EXPECT_EQ(severity_of("policy", "# nothing\n"), Severity::harmless);
  EXPECT_EQ(severity_of("validrcptto", "a@b\n"), Severity::harmless);
  EXPECT_EQ(severity_of("spfbehavior", "3\n"), Severity::harmless);
  EXPECT_EQ(severity_of("mfcheck", "1\n"), Severity::harmless);
  EXPECT_EQ(severity_of("dnsbllist", "bl.example\n"), Severity::harmless);
  EXPECT_EQ(severity_of("mystery", "x\n"), Severity::note);
  EXPECT_EQ(severity_of("doublebounceto", "\n"), Severity::harmless);
  EXPECT_EQ(severity_of("bouncemaxbytes", "5000\n"), Severity::harmless);
}

TEST_F(ControlCheck, ExpressionsCountWhereThePatchWas) {
  EXPECT_EQ(severity_of("badmailfrom", "a@b\n"), Severity::harmless);
  programs_.traits.insert(Trait::qregex);
  EXPECT_EQ(severity_of("badmailfrom", "^.*@b\n"), Severity::loss);
  EXPECT_EQ(severity_of("badrcptto", "a@b\n"), Severity::note);
  EXPECT_EQ(severity_of("badrcptto", "# nothing\n"), Severity::harmless);
  EXPECT_EQ(severity_of("badhelo", ".dyn.example\n"), Severity::note);
  EXPECT_EQ(severity_of("badhelo", "^dyn\n"), Severity::loss);
  EXPECT_EQ(severity_of("qregex", "1\n"), Severity::harmless);
  EXPECT_EQ(severity_of("badmailfrom", "^.*@b\n"), Severity::harmless);
  EXPECT_EQ(severity_of("badhelo", "^dyn\n"), Severity::harmless);
}

TEST(RoutesCheck, OtherDialectsAreConverted) {
  std::vector<Finding> findings;
  add_route_findings(findings, "/q/control/smtproutes", "a.example:relay user password\n",
                     OldPrograms{});
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings[0].code, "routes-dialect");
  ASSERT_FALSE(findings[0].conversions.empty());
  EXPECT_EQ(findings[0].conversions[0].content, "a.example:relay|user|password\n");
  EXPECT_EQ(findings[0].text.find("password"), std::string::npos);
}

TEST(RoutesCheck, PlainRoutesAreNot) {
  std::vector<Finding> findings;
  add_route_findings(findings, "/q/control/smtproutes", "a.example:relay\n", OldPrograms{});
  for (const Finding& finding : findings) {
    EXPECT_TRUE(finding.conversions.empty()) << finding.text;
  }
}

}  // namespace
}  // namespace reqmail::survey
