#include "survey/srs_check.h"

#include <gtest/gtest.h>

#include "tests/unit/support/control_home.h"

namespace reqmail::survey {
namespace {

class SrsCheckTest : public tests::ControlHome {
 protected:
  std::optional<Finding> check(std::string_view content) {
    return check_srs_domains("control/srsdomains", content);
  }
};

TEST_F(SrsCheckTest, WhatApplyWrites) {
  const auto finding = check("# SRS\nexample.org:new old|-|srs.\n");
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->severity, Severity::note);
  ASSERT_EQ(finding->conversions.size(), 3U);
  EXPECT_EQ(finding->conversions[0].path, "control/srs_domain");
  EXPECT_EQ(finding->conversions[0].content, "srs.example.org\n");
  EXPECT_EQ(finding->conversions[1].content, "-\n");
  const Conversion& secrets = finding->conversions[2];
  EXPECT_EQ(secrets.path, "control/srs_secrets");
  EXPECT_EQ(secrets.content, "new\nold\n");
  EXPECT_EQ(secrets.owner + ":" + secrets.group, "qmailr:nofiles");
  EXPECT_EQ(secrets.mode, mode_t{0640});
  EXPECT_EQ(finding->text.find("new"), std::string::npos);
}

TEST_F(SrsCheckTest, SeveralDomains) {
  const auto finding = check("a.example:s||srs.\nb.example:t||srs.\n");
  ASSERT_TRUE(finding);
  EXPECT_NE(finding->text.find("the first domain"), std::string::npos);
}

TEST_F(SrsCheckTest, WhatCannotBeConverted) {
  EXPECT_FALSE(check("*:s||srs.\n"));
  EXPECT_FALSE(check("a.example:#s\n"));
  EXPECT_FALSE(check("# nothing\n"));
}

TEST_F(SrsCheckTest, FilesThatAreThereAlready) {
  control("srs_domain", "x.example\n");
  const auto finding = check("a.example:s||srs.\n");
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->severity, Severity::harmless);
  EXPECT_TRUE(finding->conversions.empty());
}

}  // namespace
}  // namespace reqmail::survey
