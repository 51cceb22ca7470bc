#include "survey/build_check.h"

#include <gtest/gtest.h>

#include <string>

#include "config.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::survey {
namespace {

using std::string_literals::operator""s;
using tests::Scratch;

Request of(const Scratch& home) {
  Request request;
  request.home = home("");
  request.root = home("root");
  return request;
}

std::string showctl(const Scratch& home, char character) {
  return "\x7f"
         "ELF "s +
         character + "\0\0\0"s + static_cast<char>(config::kPaternalism) + "\0\0\0"s +
         home("") + "\0"s;
}

TEST(BuildCheck, AnotherBreakCharacterStops) {
  const Scratch home;
  home.put("bin/qmail-showctl", showctl(home, config::kBreak));
  EXPECT_TRUE(check_build(of(home)).empty());
  home.put("bin/qmail-showctl", showctl(home, '+'));
  const auto findings = check_build(of(home));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].severity, Severity::stop);
  EXPECT_EQ(findings[0].action, "build reqmail with ./configure --break='+'");
}

TEST(BuildCheck, APageHelpsWhereTheProgramDoesNotTell) {
  const Scratch home;
  home.put("bin/qmail-showctl",
           "\x7f"
           "ELF");
  EXPECT_EQ(check_build(of(home)).size(), 2U);  // neither option is known
  home.put("root/usr/share/man/man5/dot-qmail.5", "user\\fB=\\fIanything");
  const auto findings = check_build(of(home));
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].severity, Severity::stop);
  EXPECT_EQ(findings[0].subject, home("root/usr/share/man/man5/dot-qmail.5"));
}

}  // namespace
}  // namespace reqmail::survey
